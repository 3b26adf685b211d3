/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where in the program a node is recorded: what the program said last in this thread or, while somebody wants to know, what
 * the language that it is written in answers. A program in C has nobody to ask: its return address is told, which whoever
 * reads its debug information turns into a line. */

#include "autograd/gten-node-private.h"

#include <dlfcn.h>
#include <link.h>
#include <unwind.h>

#define MAX_FRAMES 32       /* that are looked at for one of the program's */
#define N_PATHS    64       /* through the library that a thread remembers */
#define MAX_PATH   16       /* frames of one */

typedef struct
{
  GtenSiteFunction function;
  gpointer         user_data;
  GThread         *thread;          /* the only one that it may be asked in; NULL: any */
  gpointer         earlier;         /* in place of which it came, and which someone may still be asking */
} Asker;

gboolean gten_sites_are_watched;

static Asker *asker;
static __thread const char *current_site __attribute__ ((tls_model ("initial-exec")));
static __thread gboolean    asking;

const char *
gten_current_site (void)
{
  return current_site;
}

/* -- programs in C ------------------------------------------------------------------------------ */

typedef struct
{
  guintptr begin, end;
} Range;

/* Unwinding takes microseconds, so a thread remembers where on its stack return addresses lay. If all of them but the last
 * are there again, the library was entered in the same way, and the last is the program's. */
typedef struct
{
  guintptr *slots[MAX_PATH];
  guintptr  values[MAX_PATH];
  guint     n;              /* 0: none, or one that cannot be remembered */
} Path;

typedef struct
{
  guintptr  address;        /* of the first frame outside the library, or 0 */
  guint     n_frames;
  guintptr *top;            /* of the stack when the search began; what is beyond is the search's own */
  Path      path;
} Search;

static GPrivate known_paths = G_PRIVATE_INIT (g_free);

static int
find_range_cb (struct dl_phdr_info *info, gsize size, gpointer data)
{
  Range *range = data;
  guintptr own = (guintptr) find_range_cb;

  for (int i = 0; i < info->dlpi_phnum; i++)
    {
      guintptr begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

      if (info->dlpi_phdr[i].p_type == PT_LOAD && own >= begin && own - begin < info->dlpi_phdr[i].p_memsz)
        {
          *range = (Range) { begin, begin + info->dlpi_phdr[i].p_memsz };
          return 1;
        }
    }
  return 0;
}

/* The code of this library. */
static const Range *
get_own_range (void)
{
  static Range range;
  static gsize known;

  if (g_once_init_enter (&known))
    {
      dl_iterate_phdr (find_range_cb, &range);
      g_once_init_leave (&known, 1);
    }
  return &range;
}

static _Unwind_Reason_Code
frame_cb (struct _Unwind_Context *context, gpointer data)
{
  const Range *own = get_own_range ();
  Search *search = data;
  Path *path = &search->path;
  guintptr address = _Unwind_GetIP (context);
  guintptr *slot = (guintptr *) _Unwind_GetCFA (context) - 1;

  if (slot >= search->top)
    {
      if (path->n < MAX_PATH && *slot == address)
        {
          path->slots[path->n] = slot;
          path->values[path->n++] = address;
        }
      else
        path->n = MAX_PATH + 1;
    }
  if (address < own->begin || address >= own->end)
    search->address = address;
  return search->address != 0 || ++search->n_frames == MAX_FRAMES ? _URC_END_OF_STACK : _URC_NO_REASON;
}

/* 0 if the library was entered in another way. */
static guintptr
follow (const Path *path)
{
  for (guint i = 0; i + 1 < path->n; i++)
    if (*path->slots[i] != path->values[i])
      return 0;
  return path->n > 0 ? *path->slots[path->n - 1] : 0;
}

/* The return address that lies in the program, or 0. */
static guintptr __attribute__ ((noinline))
unwind (guintptr *top, Path *path)
{
  Search search = { .top = top };

  _Unwind_Backtrace (frame_cb, &search);
  *path = search.path;
  if (search.address == 0 || path->n > MAX_PATH)
    path->n = 0;
  return search.address;
}

static char *
describe_address (guintptr address)
{
  Dl_info info;
  g_autofree char *module = NULL;

  if (!dladdr ((gpointer) address, &info) || info.dli_fname == NULL)
    return g_strdup_printf ("[0x%" G_GINTPTR_MODIFIER "x]", address);
  module = g_path_get_basename (info.dli_fname);
  return g_strdup_printf ("%s(+0x%" G_GINTPTR_MODIFIER "x)[0x%" G_GINTPTR_MODIFIER "x]", module, address - (guintptr) info.dli_fbase,
                          address);
}

/* As backtrace_symbols() writes it: "program(+0x11d9)[0x55d0c0de11d9]". Interned. */
static const char * __attribute__ ((noinline))
find_return_address (void)
{
  static GMutex lock;
  static GHashTable *known;
  guintptr *top = __builtin_frame_address (0);
  Path *paths = g_private_get (&known_paths), *path;
  const char *site;
  guintptr address;

  if (paths == NULL)
    {
      paths = g_new0 (Path, N_PATHS);
      g_private_set (&known_paths, paths);
    }
  path = &paths[((guintptr) top >> 4) % N_PATHS];
  address = path->n > 0 && path->slots[0] >= top && path->slots[0] <= top + 1 ? follow (path) : 0;
  if (address == 0)
    address = unwind (top, path);
  if (address == 0)
    return NULL;
  g_mutex_lock (&lock);
  if (known == NULL)
    known = g_hash_table_new (NULL, NULL);
  site = g_hash_table_lookup (known, (gpointer) address);
  if (site == NULL)
    {
      g_autofree char *text = describe_address (address);

      site = g_intern_string (text);
      g_hash_table_insert (known, (gpointer) address, (gpointer) site);
    }
  g_mutex_unlock (&lock);
  return site;
}

/* -- all programs ------------------------------------------------------------------------------- */

/* The answer may itself be computed with tensors. */
const char *
gten_find_site (void)
{
  const Asker *self = __atomic_load_n (&asker, __ATOMIC_ACQUIRE);
  g_autofree char *site = NULL;

  if (current_site == NULL && self == NULL)
    return find_return_address ();
  if (current_site != NULL || asking || (self->thread != NULL && self->thread != g_thread_self ()))
    return current_site;
  asking = TRUE;
  site = self->function (self->user_data);
  asking = FALSE;
  return site != NULL ? g_intern_string (site) : NULL;
}

void
gten_sites_watch (gboolean watch)
{
  __atomic_store_n (&gten_sites_are_watched, watch, __ATOMIC_RELAXED);
}

/**
 * gten_node_set_site:
 * @site: (nullable): "file:line function"
 *
 * Says where in the program this thread is: the creation site of the nodes that it records from now on.
 */
void
gten_node_set_site (const char *site)
{
  current_site = g_intern_string (site);
}

/**
 * gten_node_set_site_function:
 * @any_thread: whether the function may be called in other threads than this one
 * @function: (scope notified) (closure user_data) (destroy destroy): says where the program is
 * @user_data: what @function is called with
 * @destroy: called when the function is no longer needed
 *
 * Has a function say where in the program nodes are recorded, for as long as somebody wants to know: while an inspector is
 * attached. The overrides of a language call this once, for the frames of that language.
 */
void
gten_node_set_site_function (gboolean any_thread, GtenSiteFunction function, gpointer user_data, GDestroyNotify destroy)
{
  Asker *self = g_new (Asker, 1);

  *self = (Asker) { function, user_data, any_thread ? NULL : g_thread_self (), __atomic_load_n (&asker, __ATOMIC_RELAXED) };
  __atomic_store_n (&asker, self, __ATOMIC_RELEASE);
}
