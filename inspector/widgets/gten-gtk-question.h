/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

/**
 * GtenGtkQuestionKind:
 * @GTEN_GTK_QUESTION_HISTOGRAM: how many finite elements lie in each of equal steps from the least to the greatest; asked
 *   with the number of steps (u), answered with the counts (at)
 * @GTEN_GTK_QUESTION_PICTURE: two dimensions reduced to a picture; asked with the most columns and rows and the options of the
 *   debug service's GetPicture (uua{sv}), answered with its description (a{sv}) and pixels, which are float32
 * @GTEN_GTK_QUESTION_COMPARISON: how another tensor differs; asked with the number of greatest differences to list (u), answered
 *   as the debug service's Compare does (a{sv})
 *
 * What can be asked about all elements of a tensor.
 */
typedef enum
{
  GTEN_GTK_QUESTION_HISTOGRAM,
  GTEN_GTK_QUESTION_PICTURE,
  GTEN_GTK_QUESTION_COMPARISON,
} GtenGtkQuestionKind;

#define GTEN_GTK_TYPE_QUESTION_KIND (gten_gtk_question_kind_get_type ())
GTEN_API GType gten_gtk_question_kind_get_type (void);

#define GTEN_GTK_TYPE_QUESTION (gten_gtk_question_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkQuestion, gten_gtk_question, GTEN_GTK, QUESTION, GObject)

GTEN_API GtenGtkQuestion     *gten_gtk_tensor_ask              (GtenGtkTensor *self, GtenGtkQuestionKind kind, GVariant *arguments,
                                                                GtenGtkTensor *other);
GTEN_API GtenGtkQuestion     *gten_gtk_tensor_ask_picture      (GtenGtkTensor *self, guint width, guint height, const char *reduce);

GTEN_API GtenGtkQuestionKind  gten_gtk_question_get_kind       (GtenGtkQuestion *self);
GTEN_API GVariant            *gten_gtk_question_get_arguments  (GtenGtkQuestion *self);
GTEN_API GtenGtkTensor       *gten_gtk_question_get_tensor     (GtenGtkQuestion *self);
GTEN_API GtenGtkTensor       *gten_gtk_question_get_other      (GtenGtkQuestion *self);

GTEN_API void                 gten_gtk_question_answer         (GtenGtkQuestion *self, GVariant *answer, GBytes *pixels);
GTEN_API gboolean             gten_gtk_question_is_answered    (GtenGtkQuestion *self);
GTEN_API GVariant            *gten_gtk_question_get_answer     (GtenGtkQuestion *self);
GTEN_API const float         *gten_gtk_question_get_pixels     (GtenGtkQuestion *self, guint *width, guint *height);

G_END_DECLS
