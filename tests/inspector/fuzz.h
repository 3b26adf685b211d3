/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values that nobody expects, of types that somebody does. The environment says how many messages are sent
 * (GTENSOR_FUZZ_MESSAGES) and where the numbers start (GTENSOR_FUZZ_SEED). */
#pragma once

#include <gtensor/gtensor.h>

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_MESSAGES 4000
#define FUZZ_DEPTH    6

static inline guint64
fuzz_setting (const char *name, guint64 otherwise)
{
  const char *text = g_getenv (name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static inline guint
fuzz_below (GRand *random, guint n)
{
  return g_rand_int (random) % n;
}

static inline const char *
fuzz_word (GRand *random)
{
  static const char *const words[] = {
    "", "gradient:0", "gradient:0@1", "gradient:0@", "gradient:99999999999999999999", "gradient:-1", "variable", "variable-gradient@2",
    "saved:self", "saved:", "saved:result", "root:0", "@", "step", "over", "run-to", "continue", "finish", "sideways", "norm > 1",
    "nonfinite > 0 and absmax < 1e-8", "((((", "op:mul shape:64", "Mul*", "***********?", "float32", "int64", "bool", "none", "absmax", "mean",
    "sample", "end", "pass", "stopped", "cpu", "log", "é\xcc\x81", "a b:c/d", "/etc/passwd", "$(true)", "%s%n",
  };

  return words[fuzz_below (random, G_N_ELEMENTS (words))];
}

static inline guint64
fuzz_number (GRand *random)
{
  static const guint64 odd[] = { 0, 1, 2, 3, 4, 5, 7, 64, 4096, G_MAXUINT32, (guint64) G_MAXUINT32 + 1, G_MAXINT64, G_MAXUINT64, (guint64) 1 << 62 };

  return fuzz_below (random, 2) ? fuzz_below (random, 12) : odd[fuzz_below (random, G_N_ELEMENTS (odd))];
}

static inline double
fuzz_double (GRand *random)
{
  static const double odd[] = { 0, -0., 1, -1, 0.5, 1e308, -1e308, 1e-320, INFINITY, -INFINITY, NAN, 3 };

  return odd[fuzz_below (random, G_N_ELEMENTS (odd))];
}

static inline const char *
fuzz_type (GRand *random)
{
  static const char *const types[] = { "s", "t", "u", "b", "d", "x", "as", "ax", "at", "a{sv}", "(xx)", "h", "v", "y", "i",
                                       GTEN_INSPECT_STATISTICS, "a" GTEN_INSPECT_STATE, "a" GTEN_INSPECT_ADDED, "(ttt)" };

  return types[fuzz_below (random, G_N_ELEMENTS (types))];
}

/* A floating variant of the type. `key` tells what a dictionary may hold. */
static inline GVariant *
fuzz_variant (GRand *random, const GVariantType *type, guint depth)
{
  static const char *const keys[] = {
    "keep-bytes", "journal-bytes", "statistics", "flow", "forward", "allow", "pass", "end", "node", "name", "nonfinite", "condition",
    "hit", "which", "dtype", "shape", "elements", "rows", "columns", "at", "from", "size", "reduce", "step", "sample", "saved", "text", "pid",
    "schema", "gradients", "arguments", "site", "inputs", "released", "written-by", "journal-from", "width", "height", "op", "output", "harm", "kind",
  };
  GVariantBuilder builder;

  switch (*g_variant_type_peek_string (type))
    {
    case 'b':
      return g_variant_new_boolean (fuzz_below (random, 2));
    case 'y':
      return g_variant_new_byte (fuzz_number (random));
    case 'i':
      return g_variant_new_int32 (fuzz_number (random));
    case 'u':
      return g_variant_new_uint32 (fuzz_number (random));
    case 'x':
      return g_variant_new_int64 (fuzz_number (random));
    case 't':
      return g_variant_new_uint64 (fuzz_number (random));
    case 'd':
      return g_variant_new_double (fuzz_double (random));
    case 'h':
      return g_variant_new_handle (fuzz_below (random, 8) > 0 ? (int) fuzz_below (random, 2) : (int) fuzz_number (random));
    case 's':
      return g_variant_new_string (fuzz_word (random));
    case 'v':
      return g_variant_new_variant (fuzz_variant (random, G_VARIANT_TYPE (depth < FUZZ_DEPTH ? fuzz_type (random) : "s"), depth + 1));
    case 'a':
      g_variant_builder_init (&builder, type);
      for (guint n = fuzz_below (random, 5); n > 0; n--)
        g_variant_builder_add_value (&builder, fuzz_variant (random, g_variant_type_element (type), depth + 1));
      return g_variant_builder_end (&builder);
    case '{':
      return g_variant_new_dict_entry (g_variant_new_string (keys[fuzz_below (random, G_N_ELEMENTS (keys))]),
                                       fuzz_variant (random, g_variant_type_value (type), depth + 1));
    default:
      g_variant_builder_init (&builder, type);
      for (const GVariantType *item = g_variant_type_first (type); item != NULL; item = g_variant_type_next (item))
        g_variant_builder_add_value (&builder, fuzz_variant (random, item, depth + 1));
      return g_variant_builder_end (&builder);
    }
}

/* A file that may be sealed memory, or anything else. */
static inline GUnixFDList *
fuzz_files (GRand *random)
{
  GUnixFDList *list = g_unix_fd_list_new ();

  for (guint n = fuzz_below (random, 3); n > 0; n--)
    {
      guint kind = fuzz_below (random, 5);
      int fd = kind == 0 ? open ("/dev/null", O_RDONLY | O_CLOEXEC) : memfd_create ("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
      guint8 noise[512];

      for (gsize i = 0; i < sizeof noise; i++)
        noise[i] = g_rand_int (random);
      if (kind > 0 && write (fd, noise, fuzz_below (random, sizeof noise)) < 0)
        g_error ("memory cannot be written");
      if (kind > 2)
        fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
      else if (kind == 2)
        fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE);
      g_unix_fd_list_append (list, fd, NULL);
      close (fd);
    }
  return list;
}
