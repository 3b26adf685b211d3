/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-lines.h"

#include <gmodule.h>
#include <string.h>

#define MAX_KNOWN 65536     /* sites that are remembered */

/* -- libdw ------------------------------------------------------------------------------------- */

/* Its types and functions as elfutils/libdwfl.h declares them: a library that need not be there, at build time either. */
typedef struct Dwfl Dwfl;
typedef struct Dwfl_Module Dwfl_Module;
typedef struct Dwfl_Line Dwfl_Line;

typedef struct
{
  gpointer find_elf, find_debuginfo, section_address;
  char   **debuginfo_path;
} Dwfl_Callbacks;

static struct
{
  Dwfl        *(*begin)               (const Dwfl_Callbacks *callbacks);
  void         (*end)                 (Dwfl *dwfl);
  int          (*linux_proc_report)   (Dwfl *dwfl, pid_t pid);
  int          (*report_end)          (Dwfl *dwfl, gpointer removed, gpointer argument);
  Dwfl_Module *(*addrmodule)          (Dwfl *dwfl, guint64 address);
  Dwfl_Line   *(*module_getsrc)       (Dwfl_Module *module, guint64 address);
  const char  *(*lineinfo)            (Dwfl_Line *line, guint64 *address, int *number, int *column, guint64 *mtime, guint64 *length);
  const char  *(*module_addrname)     (Dwfl_Module *module, guint64 address);
  gpointer     linux_proc_find_elf, build_id_find_debuginfo;
} dw;

static gboolean
load (void)
{
  static const struct { const char *name; gpointer *where; } symbols[] = {
    { "dwfl_begin", (gpointer *) &dw.begin },
    { "dwfl_end", (gpointer *) &dw.end },
    { "dwfl_linux_proc_report", (gpointer *) &dw.linux_proc_report },
    { "dwfl_report_end", (gpointer *) &dw.report_end },
    { "dwfl_addrmodule", (gpointer *) &dw.addrmodule },
    { "dwfl_module_getsrc", (gpointer *) &dw.module_getsrc },
    { "dwfl_lineinfo", (gpointer *) &dw.lineinfo },
    { "dwfl_module_addrname", (gpointer *) &dw.module_addrname },
    { "dwfl_linux_proc_find_elf", &dw.linux_proc_find_elf },
    { "dwfl_build_id_find_debuginfo", &dw.build_id_find_debuginfo },
  };
  static gsize tried;
  static gboolean loaded;

  if (g_once_init_enter (&tried))
    {
      GModule *module = g_module_open ("libdw.so.1", G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);

      loaded = module != NULL;
      for (gsize i = 0; loaded && i < G_N_ELEMENTS (symbols); i++)
        loaded = g_module_symbol (module, symbols[i].name, symbols[i].where);
      g_once_init_leave (&tried, 1);
    }
  return loaded;
}

/* -- the object -------------------------------------------------------------------------------- */

struct _InspectorLines
{
  GObject        parent_instance;

  pid_t          pid;
  Dwfl_Callbacks callbacks;
  Dwfl          *dwfl;          /* NULL: not asked for yet, or not to be had */
  gboolean       opened;
  GHashTable    *known;         /* site -> what it is */
};

G_DEFINE_FINAL_TYPE (InspectorLines, inspector_lines, G_TYPE_OBJECT)

static void
finalize (GObject *object)
{
  InspectorLines *self = INSPECTOR_LINES (object);

  if (self->dwfl != NULL)
    dw.end (self->dwfl);
  g_hash_table_unref (self->known);
  G_OBJECT_CLASS (inspector_lines_parent_class)->finalize (object);
}

static void
inspector_lines_class_init (InspectorLinesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = finalize;
}

static void
inspector_lines_init (InspectorLines *self)
{
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

InspectorLines *
inspector_lines_new (pid_t pid)
{
  InspectorLines *self = g_object_new (INSPECTOR_TYPE_LINES, NULL);

  self->pid = pid;
  return self;
}

/* The modules as they are mapped now. */
static void
open_program (InspectorLines *self)
{
  self->opened = TRUE;
  if (!load ())
    return;
  self->callbacks = (Dwfl_Callbacks) { .find_elf = dw.linux_proc_find_elf, .find_debuginfo = dw.build_id_find_debuginfo };
  self->dwfl = dw.begin (&self->callbacks);
  if (self->dwfl == NULL)
    return;
  if (dw.linux_proc_report (self->dwfl, self->pid) == 0 && dw.report_end (self->dwfl, NULL, NULL) == 0)
    return;
  dw.end (self->dwfl);
  self->dwfl = NULL;
}

/* A new string, or NULL. The call lies before the address that it returns to. */
static char *
look_up (InspectorLines *self, guint64 address)
{
  Dwfl_Module *module;
  Dwfl_Line *line;
  const char *file = NULL, *function;
  int number = 0;

  if (!self->opened)
    open_program (self);
  module = self->dwfl != NULL ? dw.addrmodule (self->dwfl, address - 1) : NULL;
  line = module != NULL ? dw.module_getsrc (module, address - 1) : NULL;
  if (line != NULL)
    file = dw.lineinfo (line, NULL, &number, NULL, NULL, NULL);
  if (file == NULL || number <= 0 || !g_utf8_validate (file, -1, NULL))
    return NULL;
  function = dw.module_addrname (module, address - 1);
  if (function == NULL || !g_utf8_validate (function, -1, NULL))
    return g_strdup_printf ("%s:%d", file, number);
  return g_strdup_printf ("%s:%d %s", file, number, function);
}

const char *
inspector_lines_find (InspectorLines *self, const char *site)
{
  const char *begin = site != NULL ? strrchr (site, '[') : NULL;
  char *found, *end = NULL;
  guint64 address = begin != NULL && g_str_has_prefix (begin, "[0x") ? g_ascii_strtoull (begin + 1, &end, 16) : 0;

  if (address == 0 || !g_str_equal (end, "]"))
    return site;
  found = g_hash_table_lookup (self->known, site);
  if (found != NULL)
    return found;
  if (g_hash_table_size (self->known) >= MAX_KNOWN)
    g_hash_table_remove_all (self->known);
  found = look_up (self, address);
  if (found == NULL)
    found = begin > site ? g_strndup (site, begin - site) : g_strdup (begin);
  g_hash_table_insert (self->known, g_strdup (site), found);
  return found;
}
