/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-examples.h"

#include <glib/gi18n-lib.h>
#include <string.h>

const InspectorExample inspector_examples[] = {
  { "tour.py", N_ ("The tour, in Python"), N_ ("A formula of five operations, and the gradients that flow back through it"), "text-x-script" },
  { "tour.js", N_ ("The tour, in JavaScript"), N_ ("The same formula, with gjs"), "text-x-script" },
  { "tour", N_ ("The tour, in C"), N_ ("The same formula, as a desktop program links it"), "text-x-generic" },
  { "digits.py", N_ ("Handwritten digits, in Python"), N_ ("A network of two layers learns to read: 900 backward passes"), "text-x-script" },
  { "digits.js", N_ ("Handwritten digits, in JavaScript"), N_ ("The same network, with gjs"), "text-x-script" },
  { "digits", N_ ("Handwritten digits, in C"), N_ ("The same network, in plain tensor operations"), "text-x-generic" },
  { "vanishing.py", N_ ("A vanishing gradient"), N_ ("Twelve layers, of which the first learn nothing, in Python"), "text-x-script" },
  { "nan.js", N_ ("A gradient that is not a number"), N_ ("Fine values, and a slope that is infinite, in JavaScript"), "text-x-script" },
  { "wrong-shape", N_ ("A wrong shape"), N_ ("No error, and a loss that is wrong all the same, in C"), "text-x-generic" },
};
const guint inspector_n_examples = G_N_ELEMENTS (inspector_examples);

/* Scripts lie with the data, programs with other programs that nobody calls by name. */
static char *
find_example (const char *name)
{
  const char *data = g_getenv ("GTENSOR_DATA"), *programs = g_getenv ("GTENSOR_EXAMPLES");
  gboolean is_script = strchr (name, '.') != NULL;
  g_autofree char *path = NULL;

  for (guint i = 0; i < inspector_n_examples; i++)
    if (g_str_equal (inspector_examples[i].name, name))
      {
        if (is_script)
          path = g_build_filename (data != NULL ? data : INSPECTOR_DATADIR, "examples", name, NULL);
        else
          path = g_build_filename (programs != NULL ? programs : INSPECTOR_LIBEXECDIR, name, NULL);
      }
  return path != NULL && g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* The words of a script's first line, or NULL. */
static char **
find_interpreter (const char *path)
{
  g_autofree char *start = NULL;
  char **words = NULL;
  char *end;

  if (!g_file_get_contents (path, &start, NULL, NULL) || !g_str_has_prefix (start, "#!"))
    return NULL;
  end = strchr (start, '\n');
  if (end != NULL)
    *end = '\0';
  return g_shell_parse_argv (start + 2, NULL, &words, NULL) ? words : NULL;
}

char **
inspector_find_command (const char *program, const char *const *arguments)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *example = find_example (program);
  const char *path = example != NULL ? example : program;

  if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && strchr (path, G_DIR_SEPARATOR) != NULL)
    {
      g_auto (GStrv) interpreter = find_interpreter (path);

      if (interpreter != NULL)
        g_strv_builder_addv (builder, (const char **) interpreter);
    }
  g_strv_builder_add (builder, path);
  if (arguments != NULL)
    g_strv_builder_addv (builder, (const char **) arguments);
  return g_strv_builder_end (builder);
}
