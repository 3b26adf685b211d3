/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A question about all elements of a tensor of which a sample is here. Who shows the tensor asks while it is drawn; the tensor
 * keeps the question, so that it is asked once, and says that it has changed when the answer is here. What is asked about
 * slices and copies is asked about the tensor that they were taken from, as long as that is what it was. */
#include "gten-gtk-question.h"

#include "gten-gtk-tensor-private.h"

#include <string.h>

#define MAX_QUESTIONS 32      /* that a tensor keeps; the oldest goes first */

struct _GtenGtkQuestion
{
  GObject              parent_instance;

  GtenGtkQuestionKind  kind;
  GVariant            *arguments;
  GtenGtkTensor       *asker;       /* weak */
  GtenGtkTensor       *tensor;      /* that has the elements elsewhere */
  GtenGtkTensor       *other;       /* likewise */
  GVariant            *answer;
  GBytes              *pixels;
  gboolean             answered;
};

G_DEFINE_FINAL_TYPE (GtenGtkQuestion, gten_gtk_question, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (GtenGtkQuestionKind, gten_gtk_question_kind,
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_QUESTION_HISTOGRAM, "histogram"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_QUESTION_PICTURE, "picture"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_QUESTION_COMPARISON, "comparison"))

static void
finalize (GObject *object)
{
  GtenGtkQuestion *self = GTEN_GTK_QUESTION (object);

  g_clear_weak_pointer (&self->asker);
  g_clear_object (&self->tensor);
  g_clear_object (&self->other);
  g_clear_pointer (&self->arguments, g_variant_unref);
  g_clear_pointer (&self->answer, g_variant_unref);
  g_clear_pointer (&self->pixels, g_bytes_unref);
  G_OBJECT_CLASS (gten_gtk_question_parent_class)->finalize (object);
}

static void
gten_gtk_question_class_init (GtenGtkQuestionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = finalize;
}

static void
gten_gtk_question_init (GtenGtkQuestion *self)
{
}

/* The tensor that others know of, or NULL if it has changed since. */
static GtenGtkTensor *
find_origin (GtenGtkTensor *tensor)
{
  while (tensor != NULL && tensor->source != NULL)
    tensor = tensor->source->age == tensor->source_age ? tensor->source : NULL;
  return tensor;
}

/**
 * gten_gtk_tensor_ask:
 * @self: a tensor of which a sample is here
 * @kind: what is asked
 * @arguments: how, as the kind says
 * @other: (nullable): the tensor to compare with
 *
 * Asks about all elements, once. The tensor notifies of its values when the answer is here.
 *
 * Returns: (transfer none) (nullable): the question, or %NULL if nobody can answer it: all elements are here, or they are no
 *   longer what they were
 */
GtenGtkQuestion *
gten_gtk_tensor_ask (GtenGtkTensor *self, GtenGtkQuestionKind kind, GVariant *arguments, GtenGtkTensor *other)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (arguments);
  GtenGtkTensor *origin = self->is_sample ? find_origin (self) : NULL, *second = find_origin (other);
  GtenGtkQuestion *question;

  if (origin == NULL || (other != NULL && second == NULL))
    return NULL;
  if (self->questions == NULL)
    self->questions = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->questions->len; i++)
    {
      question = self->questions->pdata[i];
      if (question->kind == kind && question->other == second && g_variant_equal (question->arguments, sunk))
        return question;
    }
  if (self->questions->len == MAX_QUESTIONS)
    g_ptr_array_remove_index (self->questions, 0);
  question = g_object_new (GTEN_GTK_TYPE_QUESTION, NULL);
  question->kind = kind;
  question->arguments = g_steal_pointer (&sunk);
  g_set_weak_pointer (&question->asker, self);
  g_set_object (&question->tensor, origin);
  g_set_object (&question->other, second);
  g_ptr_array_add (self->questions, question);
  gten_gtk_tensor_pass_on (origin, question);
  return question;
}

/**
 * gten_gtk_tensor_ask_picture:
 * @self: a tensor, or a slice of one, of at most two dimensions, of which a sample is here
 * @width: the most columns
 * @height: the most rows
 * @reduce: how what falls on a pixel becomes one number: "absmax", "mean" or "sample"
 *
 * Asks for a picture of all elements.
 *
 * Returns: (transfer none) (nullable): the question, as [method@Tensor.ask] does
 */
GtenGtkQuestion *
gten_gtk_tensor_ask_picture (GtenGtkTensor *self, guint width, guint height, const char *reduce)
{
  GVariantDict options;
  g_autofree gint64 *at = g_new (gint64, self->n_place + 1);
  gsize n_at = 0;

  if (self->n_dims > 2 || width == 0 || height == 0)
    return NULL;
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "reduce", "s", reduce);
  if (self->place != NULL && self->n_dims == 2)
    {
      for (gsize i = 0; i < self->n_place; i++)
        if (i != self->axes[0] && i != self->axes[1])
          at[n_at++] = self->place[i];
      g_variant_dict_insert (&options, "rows", "i", (gint32) self->axes[0]);
      g_variant_dict_insert (&options, "columns", "i", (gint32) self->axes[1]);
      g_variant_dict_insert_value (&options, "at", g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, at, n_at, sizeof *at));
    }
  return gten_gtk_tensor_ask (self, GTEN_GTK_QUESTION_PICTURE, g_variant_new ("(uu@a{sv})", width, height, g_variant_dict_end (&options)),
                              NULL);
}

/**
 * gten_gtk_question_get_kind:
 * @self: a question
 *
 * Returns: what is asked
 */
GtenGtkQuestionKind
gten_gtk_question_get_kind (GtenGtkQuestion *self)
{
  return self->kind;
}

/**
 * gten_gtk_question_get_arguments:
 * @self: a question
 *
 * Returns: (transfer none): how, as the kind says
 */
GVariant *
gten_gtk_question_get_arguments (GtenGtkQuestion *self)
{
  return self->arguments;
}

/**
 * gten_gtk_question_get_tensor:
 * @self: a question
 *
 * Returns: (transfer none): the tensor that it is about
 */
GtenGtkTensor *
gten_gtk_question_get_tensor (GtenGtkQuestion *self)
{
  return self->tensor;
}

/**
 * gten_gtk_question_get_other:
 * @self: a question
 *
 * Returns: (transfer none) (nullable): the tensor to compare with
 */
GtenGtkTensor *
gten_gtk_question_get_other (GtenGtkQuestion *self)
{
  return self->other;
}

/* Whoever answers may be another process: what does not fit is no answer. */
static gboolean
fits (GtenGtkQuestion *self, GVariant *answer, GBytes *pixels)
{
  static const char *const types[] = { "at", "a{sv}", "a{sv}" };
  guint bins, most[2], width, height;

  if (answer == NULL || !g_variant_is_of_type (answer, G_VARIANT_TYPE (types[self->kind])))
    return FALSE;
  if (self->kind == GTEN_GTK_QUESTION_HISTOGRAM)
    {
      g_variant_get (self->arguments, "u", &bins);
      return g_variant_n_children (answer) == bins;
    }
  if (self->kind == GTEN_GTK_QUESTION_COMPARISON)
    return TRUE;
  g_variant_get (self->arguments, "(uu@a{sv})", &most[0], &most[1], NULL);
  return pixels != NULL && g_variant_lookup (answer, "width", "u", &width) && g_variant_lookup (answer, "height", "u", &height)
         && width > 0 && height > 0 && width <= most[0] && height <= most[1]
         && g_bytes_get_size (pixels) >= (gsize) width * height * sizeof (float);
}

/**
 * gten_gtk_question_answer:
 * @self: a question
 * @answer: (nullable): the answer, as the kind says, or %NULL if there is none
 * @pixels: (nullable): those of a picture
 *
 * Answers. What does not fit the question counts as no answer.
 */
void
gten_gtk_question_answer (GtenGtkQuestion *self, GVariant *answer, GBytes *pixels)
{
  self->answered = TRUE;
  if (!fits (self, answer, pixels))
    return;
  g_clear_pointer (&self->answer, g_variant_unref);
  g_clear_pointer (&self->pixels, g_bytes_unref);
  self->answer = g_variant_ref_sink (answer);
  self->pixels = pixels != NULL ? g_bytes_ref (pixels) : NULL;
  if (self->asker != NULL)
    gten_gtk_tensor_answered (self->asker);
}

/**
 * gten_gtk_question_is_answered:
 * @self: a question
 *
 * Returns: whether it was answered, be it that there is no answer
 */
gboolean
gten_gtk_question_is_answered (GtenGtkQuestion *self)
{
  return self->answered;
}

/**
 * gten_gtk_question_get_answer:
 * @self: a question
 *
 * Returns: (transfer none) (nullable): the answer, or %NULL while there is none
 */
GVariant *
gten_gtk_question_get_answer (GtenGtkQuestion *self)
{
  return self->answer;
}

/**
 * gten_gtk_question_get_pixels: (skip)
 * @self: a question for a picture
 * @width: (out): number of columns
 * @height: (out): number of rows
 *
 * Returns: (transfer none) (nullable): the rows of the picture, one after the other, or %NULL while there is none
 */
const float *
gten_gtk_question_get_pixels (GtenGtkQuestion *self, guint *width, guint *height)
{
  if (self->pixels == NULL)
    return NULL;
  g_variant_lookup (self->answer, "width", "u", width);
  g_variant_lookup (self->answer, "height", "u", height);
  return g_bytes_get_data (self->pixels, NULL);
}
