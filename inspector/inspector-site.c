/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-site.h"

#include <gtensor/gtensor.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SOURCE (4 << 20)
#define MAX_LINE   400

/* All of a source, or NULL. Without waiting: the name may be that of a pipe. */
static char *
read_source (const char *path)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat info;
  char *text = NULL;
  gsize length = 0;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > 0 && info.st_size <= MAX_SOURCE
      && (info.st_uid == getuid () || info.st_uid == 0))
    {
      gssize n;

      text = g_malloc (info.st_size + 1);
      while (length < (gsize) info.st_size && (n = read (fd, text + length, info.st_size - length)) > 0)
        length += n;
      text[length] = '\0';
    }
  close (fd);
  return text;
}

char *
inspector_read_site (const char *folder, const char *site)
{
  g_autofree char *place = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  const char *function;
  gsize length;
  guint number;

  if (!gten_inspect_read_site (site, &length, &number, &function))
    return NULL;
  place = g_strndup (site, length);
  path = g_path_is_absolute (place) ? g_strdup (place)
         : folder != NULL && *folder != '\0' ? g_build_filename (folder, place, NULL) : NULL;
  text = path != NULL && number > 0 ? read_source (path) : NULL;
  if (text == NULL)
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  if (number > g_strv_length (lines))
    return NULL;
  g_strstrip (lines[number - 1]);
  if (strlen (lines[number - 1]) > MAX_LINE)
    lines[number - 1][MAX_LINE] = '\0';
  return *lines[number - 1] != '\0' ? g_utf8_make_valid (lines[number - 1], -1) : NULL;
}
