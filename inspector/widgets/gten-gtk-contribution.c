/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one consumer of a value added to its gradient. */
#include "gten-gtk-contribution.h"

struct _GtenGtkContribution
{
  GObject           parent_instance;

  guint             user;
  guint             step;
  GtenGtkStatistics statistics;
  double            cosine;
};

G_DEFINE_FINAL_TYPE (GtenGtkContribution, gten_gtk_contribution, G_TYPE_OBJECT)

enum { PROP_USER = 1, PROP_STEP, PROP_NORM, PROP_COSINE, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkContribution *self = GTEN_GTK_CONTRIBUTION (object);

  switch (id)
    {
    case PROP_USER:
      g_value_set_uint (value, self->user);
      break;
    case PROP_STEP:
      g_value_set_uint (value, self->step);
      break;
    case PROP_NORM:
      g_value_set_double (value, self->statistics.norm);
      break;
    case PROP_COSINE:
      g_value_set_double (value, self->cosine);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gten_gtk_contribution_class_init (GtenGtkContributionClass *klass)
{
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = get_property;

  /**
   * GtenGtkContribution:user:
   *
   * The index of the node that it came from; the largest number if it came from outside.
   */
  properties[PROP_USER] = g_param_spec_uint ("user", NULL, NULL, 0, G_MAXUINT, 0, read);
  /**
   * GtenGtkContribution:step:
   *
   * How many nodes had run when it came.
   */
  properties[PROP_STEP] = g_param_spec_uint ("step", NULL, NULL, 0, G_MAXUINT, 0, read);
  /**
   * GtenGtkContribution:norm:
   *
   * Its norm.
   */
  properties[PROP_NORM] = g_param_spec_double ("norm", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, read);
  /**
   * GtenGtkContribution:cosine:
   *
   * The cosine of its angle to the sum: 1 if it has the sum's direction, -1 if it works against it.
   */
  properties[PROP_COSINE] = g_param_spec_double ("cosine", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, read);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
}

static void
gten_gtk_contribution_init (GtenGtkContribution *self)
{
}

/**
 * gten_gtk_contribution_new:
 * @user: index of the node that it came from; the largest number if it came from outside
 * @step: how many nodes had run
 * @statistics: what is known of its values
 * @cosine: of its angle to the sum
 *
 * Returns: (transfer full): a contribution
 */
GtenGtkContribution *
gten_gtk_contribution_new (guint user, guint step, const GtenGtkStatistics *statistics, double cosine)
{
  GtenGtkContribution *self = g_object_new (GTEN_GTK_TYPE_CONTRIBUTION, NULL);

  self->user = user;
  self->step = step;
  self->statistics = *statistics;
  self->cosine = cosine;
  return self;
}

/**
 * gten_gtk_contribution_get_user:
 * @self: a contribution
 *
 * Returns: the index of the node that it came from
 */
guint
gten_gtk_contribution_get_user (GtenGtkContribution *self)
{
  return self->user;
}

/**
 * gten_gtk_contribution_get_step:
 * @self: a contribution
 *
 * Returns: how many nodes had run when it came
 */
guint
gten_gtk_contribution_get_step (GtenGtkContribution *self)
{
  return self->step;
}

/**
 * gten_gtk_contribution_get_cosine:
 * @self: a contribution
 *
 * Returns: the cosine of its angle to the sum; not a number if that is not known
 */
double
gten_gtk_contribution_get_cosine (GtenGtkContribution *self)
{
  return self->cosine;
}

/**
 * gten_gtk_contribution_get_statistics:
 * @self: a contribution
 * @statistics: (out caller-allocates): return location
 *
 * Tells what is known of its values.
 */
void
gten_gtk_contribution_get_statistics (GtenGtkContribution *self, GtenGtkStatistics *statistics)
{
  *statistics = self->statistics;
}
