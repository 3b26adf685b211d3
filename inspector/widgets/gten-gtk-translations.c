/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the translations of the widgets are, told when the library is loaded: no program has to. The
 * inspector's are in the same file. */
#include <glib/gi18n-lib.h>

__attribute__ ((constructor)) static void
bind_translations (void)
{
  const char *folder = g_getenv ("GTENSOR_LOCALE");

  bindtextdomain (GETTEXT_PACKAGE, folder != NULL ? folder : GTENSOR_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}
