/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Light or dark. The system's wish comes from the settings portal, which GTK itself does not
 * ask. */
#include "inspector-appearance.h"

#include <gtk/gtk.h>

#define APPEARANCE "org.freedesktop.appearance"
#define SCHEME     "color-scheme"
#define SCHEME_DARK 1

static gboolean    system_is_dark;
static GDBusProxy *portal;

/* GTK 4 knows high contrast by one name, light and dark: who wishes for the other theme of GTK 3 is given the dark one. */
static gboolean
take_inverse (void)
{
  static gboolean is_inverse;
  GtkSettings *settings = gtk_settings_get_default ();
  g_autofree char *name = NULL;

  g_object_get (settings, "gtk-theme-name", &name, NULL);
  if (g_strcmp0 (name, "HighContrastInverse") == 0)
    {
      is_inverse = TRUE;
      g_object_set (settings, "gtk-theme-name", "HighContrast", NULL);
    }
  return is_inverse;
}

static void
apply (GSimpleAction *action)
{
  g_autoptr (GVariant) state = g_action_get_state (G_ACTION (action));
  const char *style = g_variant_get_string (state, NULL);
  gboolean dark = g_str_equal (style, "dark") || (g_str_equal (style, "system") && (system_is_dark || take_inverse ()));

  g_object_set (gtk_settings_get_default (), "gtk-application-prefer-dark-theme", dark, NULL);
}

static void
style_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  g_simple_action_set_state (action, value);
  apply (action);
}

static void
take_scheme (GVariant *value, GSimpleAction *action)
{
  g_autoptr (GVariant) inner = g_variant_ref (value);

  while (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT))
    {
      GVariant *next = g_variant_get_variant (inner);

      g_variant_unref (inner);
      inner = next;
    }
  if (!g_variant_is_of_type (inner, G_VARIANT_TYPE_UINT32))
    return;
  system_is_dark = g_variant_get_uint32 (inner) == SCHEME_DARK;
  apply (action);
}

static void
setting_cb (GDBusProxy *proxy, const char *sender, const char *signal, GVariant *parameters,
            GSimpleAction *action)
{
  const char *group, *key;
  g_autoptr (GVariant) value = NULL;

  if (!g_str_equal (signal, "SettingChanged")
      || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ssv)")))
    return;
  g_variant_get (parameters, "(&s&sv)", &group, &key, &value);
  if (g_str_equal (group, APPEARANCE) && g_str_equal (key, SCHEME))
    take_scheme (value, action);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer action)
{
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (object), result, NULL);

  if (reply != NULL)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (reply, 0);
      take_scheme (value, action);
    }
}

static void
portal_cb (GObject *object, GAsyncResult *result, gpointer action)
{
  portal = g_dbus_proxy_new_for_bus_finish (result, NULL);
  if (portal == NULL)
    return;
  g_signal_connect (portal, "g-signal", G_CALLBACK (setting_cb), action);
  g_dbus_proxy_call (portal, "Read", g_variant_new ("(ss)", APPEARANCE, SCHEME),
                     G_DBUS_CALL_FLAGS_NONE, -1, NULL, read_cb, action);
}

void
inspector_appearance_follow (GActionMap *actions, gboolean dark)
{
  g_autoptr (GSimpleAction) action = g_simple_action_new_stateful ("style", G_VARIANT_TYPE_STRING,
                                                                   g_variant_new_string (dark ? "dark" : "system"));

  g_signal_connect (action, "change-state", G_CALLBACK (style_cb), NULL);
  g_action_map_add_action (actions, G_ACTION (action));
  apply (action);
  g_dbus_proxy_new_for_bus (G_BUS_TYPE_SESSION, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES | G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
                            NULL, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                            "org.freedesktop.portal.Settings", NULL, portal_cb, action);
}
