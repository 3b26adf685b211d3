/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_CONTRIBUTION (gten_gtk_contribution_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkContribution, gten_gtk_contribution, GTEN_GTK, CONTRIBUTION, GObject)

/* properties: user, step, norm, cosine */

GTEN_API GtenGtkContribution *gten_gtk_contribution_new            (guint user, guint step,
                                                                    const GtenGtkStatistics *statistics,
                                                                    double cosine);
GTEN_API guint                gten_gtk_contribution_get_user       (GtenGtkContribution *self);
GTEN_API guint                gten_gtk_contribution_get_step       (GtenGtkContribution *self);
GTEN_API double               gten_gtk_contribution_get_cosine     (GtenGtkContribution *self);
GTEN_API void                 gten_gtk_contribution_get_statistics (GtenGtkContribution *self,
                                                                    GtenGtkStatistics *statistics);

G_END_DECLS
