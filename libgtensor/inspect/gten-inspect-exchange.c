/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a program and its inspector do alike: the folder in which they meet, sealed memory, which neither can change or cut
 * off while the other reads it, and how they read where a node was recorded. */

#include "inspect/gten-inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * gten_inspect_make_folder: (skip)
 * @error: return location for an error
 *
 * The folder of the sockets, which is made if need be. It is the user's own and closed to others.
 *
 * Returns: (transfer full): its path, or %NULL with an error of code %GTEN_ERROR_IO
 */
char *
gten_inspect_make_folder (GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_runtime_dir (), "gtensor", NULL);
  struct stat info;

  if (g_mkdir_with_parents (folder, 0700) != 0 || lstat (folder, &info) != 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "Cannot make the folder %s: %s", folder,
                   g_strerror (errno));
      return NULL;
    }
  if (!S_ISDIR (info.st_mode) || info.st_uid != getuid () || (info.st_mode & 077) != 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO,
                   "The folder %s must belong to the user and be closed to others (mode 0700)", folder);
      return NULL;
    }
  return g_steal_pointer (&folder);
}

static gboolean
write_all (int fd, const char *data, gsize n_bytes)
{
  while (n_bytes > 0)
    {
      gssize written = write (fd, data, n_bytes);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      data += written;
      n_bytes -= written;
    }
  return TRUE;
}

/**
 * gten_inspect_seal: (skip)
 * @name: what it is, for debugging
 * @data: what is shared
 * @n_bytes: how much
 * @error: return location for an error
 *
 * A copy of some bytes, for the other process to map.
 *
 * Returns: a sealed memfd, or -1 with an error of code %GTEN_ERROR_MEMORY
 */
int
gten_inspect_seal (const char *name, gconstpointer data, gsize n_bytes, GError **error)
{
  int fd = memfd_create (name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && write_all (fd, data, n_bytes)
      && fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
    return fd;
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY, "Cannot share %" G_GSIZE_FORMAT " bytes: %s", n_bytes,
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

/**
 * gten_inspect_map_sealed: (skip)
 * @fd: what the other process sent; it is closed
 * @n_bytes: how much it must be, or -1
 * @error: return location for an error
 *
 * Maps what the other process sent, once its seals and its size are seen to be right.
 *
 * Returns: (transfer full): its bytes, or %NULL with an error of code %GTEN_ERROR_IO
 */
GBytes *
gten_inspect_map_sealed (int fd, gssize n_bytes, GError **error)
{
  const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int seals = fcntl (fd, F_GET_SEALS);
  g_autoptr (GMappedFile) file = NULL;
  GBytes *bytes = NULL;
  struct stat info;

  if (seals < 0 || (seals & needed) != needed || fstat (fd, &info) != 0)
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "The memory that was sent is not sealed");
  else if (n_bytes >= 0 && info.st_size != n_bytes)
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO,
                 "%" G_GINT64_FORMAT " bytes were sent instead of %" G_GSSIZE_FORMAT, (gint64) info.st_size, n_bytes);
  else if (info.st_size == 0)
    bytes = g_bytes_new (NULL, 0);
  else if ((file = g_mapped_file_new_from_fd (fd, FALSE, error)) != NULL)
    bytes = g_mapped_file_get_bytes (file);
  close (fd);
  return bytes;
}

/**
 * gten_inspect_read_site: (skip)
 * @site: (nullable): a creation site, "file:line function"
 * @file_length: (out): the length of the file's name, which may have spaces
 * @line: (out): the number of the line
 * @function: (out) (nullable): the function, if the site has one
 *
 * Takes a creation site apart, at its last number between a colon and a space or the end.
 *
 * Returns: whether it has a line
 */
gboolean
gten_inspect_read_site (const char *site, gsize *file_length, guint *line, const char **function)
{
  gboolean found = FALSE;

  for (const char *at = site != NULL ? strchr (site, ':') : NULL; at != NULL; at = strchr (at + 1, ':'))
    {
      char *end;
      guint64 number = g_ascii_strtoull (at + 1, &end, 10);

      if (!g_ascii_isdigit (at[1]) || (*end != ' ' && *end != '\0') || number > G_MAXUINT)
        continue;
      found = TRUE;
      *file_length = at - site;
      *line = number;
      *function = *end == ' ' ? end + 1 : NULL;
    }
  return found;
}
