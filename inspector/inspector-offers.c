/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-offers.h"

#include <glib/gi18n-lib.h>
#include <gtensor/gtensor.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESCAN_INTERVAL_S 2     /* a program that was killed leaves its socket, and no event */

/* -- one program -------------------------------------------------------------------------------- */

struct _InspectorOffer
{
  GObject parent_instance;

  int     pid;
  char   *name, *command, *socket;
};

G_DEFINE_FINAL_TYPE (InspectorOffer, inspector_offer, G_TYPE_OBJECT)

enum { PROP_PID = 1, PROP_NAME, PROP_COMMAND, N_PROPS };

static void
offer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InspectorOffer *self = INSPECTOR_OFFER (object);

  switch (id)
    {
    case PROP_PID:
      g_value_set_int (value, self->pid);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_COMMAND:
      g_value_set_string (value, self->command);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
offer_finalize (GObject *object)
{
  InspectorOffer *self = INSPECTOR_OFFER (object);

  g_free (self->name);
  g_free (self->command);
  g_free (self->socket);
  G_OBJECT_CLASS (inspector_offer_parent_class)->finalize (object);
}

static void
inspector_offer_class_init (InspectorOfferClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamSpec *properties[N_PROPS] = {
    [PROP_PID] = g_param_spec_int ("pid", NULL, NULL, 0, G_MAXINT, 0, read),
    [PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, read),
    [PROP_COMMAND] = g_param_spec_string ("command", NULL, NULL, NULL, read),
  };

  object_class->get_property = offer_get_property;
  object_class->finalize = offer_finalize;
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
inspector_offer_init (InspectorOffer *self)
{
}

/* Words of a command, read from the kernel and so of any bytes. */
static char *
read_command (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *words = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &words, &length, NULL))
    return NULL;
  while (length > 0 && words[length - 1] == '\0')
    length--;
  for (gsize i = 0; i < length; i++)
    if (words[i] == '\0')
      words[i] = ' ';
  return g_utf8_make_valid (words, length);
}

/* From the name of a socket, "PID-PROGRAM"; NULL for other files and for programs that are gone. */
static InspectorOffer *
offer_new (const char *folder, const char *file)
{
  InspectorOffer *self;
  char *end;
  guint64 pid = g_ascii_strtoull (file, &end, 10);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  struct stat info;

  if (*end != '-' || pid == 0 || pid > G_MAXINT || lstat (path, &info) != 0 || !S_ISSOCK (info.st_mode)
      || info.st_uid != getuid ())
    return NULL;
  if (kill (pid, 0) != 0 && errno == ESRCH)
    {
      g_unlink (path);
      return NULL;
    }
  self = g_object_new (INSPECTOR_TYPE_OFFER, NULL);
  self->pid = pid;
  self->name = g_utf8_make_valid (end + 1, -1);
  self->command = read_command (pid);
  if (self->command == NULL || *self->command == '\0')
    {
      g_free (self->command);
      self->command = g_strdup (self->name);
    }
  self->socket = g_steal_pointer (&path);
  return self;
}

int
inspector_offer_get_pid (InspectorOffer *self)
{
  return self->pid;
}

const char *
inspector_offer_get_name (InspectorOffer *self)
{
  return self->name;
}

const char *
inspector_offer_get_command (InspectorOffer *self)
{
  return self->command;
}

const char *
inspector_offer_get_socket (InspectorOffer *self)
{
  return self->socket;
}

/* -- all of them -------------------------------------------------------------------------------- */

struct _InspectorOffers
{
  GObject       parent_instance;

  char         *folder;
  GPtrArray    *offers;
  GFileMonitor *monitor;
  guint         timer;
};

static GType
get_item_type (GListModel *model)
{
  return INSPECTOR_TYPE_OFFER;
}

static guint
get_n_items (GListModel *model)
{
  return INSPECTOR_OFFERS (model)->offers->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  InspectorOffers *self = INSPECTOR_OFFERS (model);

  return position < self->offers->len ? g_object_ref (self->offers->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (InspectorOffers, inspector_offers, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static int
compare_pids (gconstpointer a, gconstpointer b)
{
  const InspectorOffer *first = *(InspectorOffer *const *) a, *second = *(InspectorOffer *const *) b;

  return (first->pid > second->pid) - (first->pid < second->pid);
}

static gboolean
is_same (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!g_str_equal (((InspectorOffer *) a->pdata[i])->socket, ((InspectorOffer *) b->pdata[i])->socket))
      return FALSE;
  return TRUE;
}

static void
scan (InspectorOffers *self)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);
  GDir *folder = self->folder != NULL ? g_dir_open (self->folder, 0, NULL) : NULL;
  const char *file;
  guint n_old = self->offers->len;

  while (folder != NULL && (file = g_dir_read_name (folder)) != NULL)
    {
      InspectorOffer *offer = offer_new (self->folder, file);

      if (offer != NULL)
        g_ptr_array_add (found, offer);
    }
  g_clear_pointer (&folder, g_dir_close);
  g_ptr_array_sort (found, compare_pids);
  if (is_same (found, self->offers))
    {
      g_ptr_array_unref (found);
      return;
    }
  g_ptr_array_unref (self->offers);
  self->offers = found;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_old, found->len);
}

static gboolean
scan_cb (gpointer data)
{
  scan (data);
  return G_SOURCE_CONTINUE;
}

static void
dispose (GObject *object)
{
  InspectorOffers *self = INSPECTOR_OFFERS (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->monitor);
  G_OBJECT_CLASS (inspector_offers_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  InspectorOffers *self = INSPECTOR_OFFERS (object);

  g_free (self->folder);
  g_ptr_array_unref (self->offers);
  G_OBJECT_CLASS (inspector_offers_parent_class)->finalize (object);
}

static void
inspector_offers_class_init (InspectorOffersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
}

static void
inspector_offers_init (InspectorOffers *self)
{
  self->offers = g_ptr_array_new_with_free_func (g_object_unref);
}

InspectorOffers *
inspector_offers_new (void)
{
  InspectorOffers *self = g_object_new (INSPECTOR_TYPE_OFFERS, NULL);

  self->folder = gten_inspect_make_folder (NULL);
  if (self->folder != NULL)
    {
      g_autoptr (GFile) file = g_file_new_for_path (self->folder);

      self->monitor = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, NULL);
      if (self->monitor != NULL)
        g_signal_connect_swapped (self->monitor, "changed", G_CALLBACK (scan), self);
      self->timer = g_timeout_add_seconds (RESCAN_INTERVAL_S, scan_cb, self);
    }
  scan (self);
  return self;
}

InspectorOffer *
inspector_offers_find (InspectorOffers *self, int pid, GError **error)
{
  scan (self);
  for (guint i = 0; i < self->offers->len; i++)
    {
      InspectorOffer *offer = g_ptr_array_index (self->offers, i);

      if (offer->pid == pid)
        return offer;
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO,
               g_dngettext (GETTEXT_PACKAGE, "Process %d does not offer itself: start it with GTENSOR_INSPECT=1 (%u program does now)",
                         "Process %d does not offer itself: start it with GTENSOR_INSPECT=1 (%u programs do now)", self->offers->len), pid,
               self->offers->len);
  return NULL;
}
