/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The grammar of conditions: what it means, and what is said of what is wrong. */

#include <gtensor/gtensor.h>

#include <math.h>

static const gint64 shape[] = { 64, 3 };

/* A finite gradient of a product. */
static const GtenConditionSubject product = {
  .name = "MulBackward0", .op = "mul_", .site = "/home/me/src/train.py:12 step", .dtype = "float32", .device = "cpu",
  .state = "done", .shape = shape, .n_dims = 2, .minimum = -3, .maximum = 2, .mean = 0.5, .norm = 40, .hit = 3,
  .measured = TRUE,
};

static const GtenConditionSubject poisoned = {
  .name = "AccumulateGrad", .dtype = "float64", .device = "cuda:0", .state = "ready", .shape = shape, .n_dims = 0,
  .n_nan = 2, .n_infinite = 1, .minimum = 0, .maximum = 1, .mean = NAN, .norm = NAN, .leaf = TRUE, .measured = TRUE,
};

static const GtenConditionSubject unknown = { .name = "SumBackward0", .op = "sum", .n_dims = -1 };

typedef struct
{
  const char                 *text;
  const GtenConditionSubject *subject;
  gboolean                    matches;
} Case;

static const Case cases[] = {
  { "norm > 1e3", &product, FALSE },
  { "norm > 39.5", &product, TRUE },
  { "norm>=40", &product, TRUE },
  { "norm = 40 min=-3 max == 2 mean!=0", &product, TRUE },
  { "absmax > 2.5", &product, TRUE },
  { "absmax < 1e-8", &product, FALSE },
  { "nonfinite > 0 and absmax < 1e-8", &product, FALSE },
  { "nonfinite = 3 nan=2 inf=1", &poisoned, TRUE },
  { "absmax = inf", &poisoned, TRUE },
  { "norm > 0", &poisoned, FALSE },
  { "not norm > 0", &poisoned, FALSE },
  { "norm > 0 or nan > 0", &poisoned, TRUE },
  { "is:nonfinite is:leaf", &poisoned, TRUE },
  { "is:leaf", &product, FALSE },
  { "not is:leaf", &product, TRUE },
  { "op:mul shape:64", &product, TRUE },
  { "op:mul shape:64 norm>1", &product, TRUE },
  { "op:mu?", &product, TRUE },
  { "op:mulx", &product, FALSE },
  { "op:mul", &unknown, FALSE },
  { "shape:64x3", &product, TRUE },
  { "shape:*x3", &product, TRUE },
  { "shape:64,*", &product, TRUE },
  { "shape:3x64", &product, FALSE },
  { "shape:64x3x1", &product, FALSE },
  { "shape:scalar", &poisoned, TRUE },
  { "shape:64", &unknown, FALSE },
  { "not shape:64", &unknown, FALSE },
  { "numel=192 ndim=2", &product, TRUE },
  { "name:Mul", &product, TRUE },
  { "name:Mul*0", &product, TRUE },
  { "name:Mul*1", &product, FALSE },
  { "mulback", &product, TRUE },
  { "sum", &unknown, TRUE },
  { "site:train.py:12", &product, TRUE },
  { "site:src/train.py", &product, TRUE },
  { "site:train.py:1", &product, FALSE },
  { "site:rain.py:12", &product, FALSE },
  { "site:*train*", &product, TRUE },
  { "site:train.py", &unknown, FALSE },
  { "dtype:float32 device:cpu state:done", &product, TRUE },
  { "device:cuda*", &poisoned, TRUE },
  { "hit >= 3", &product, TRUE },
  { "norm > 1 (op:add or op:mul)", &product, TRUE },
  { "norm > 1 op:add or op:mul", &product, TRUE },
  { "norm > 100 (op:add or op:mul)", &product, FALSE },
  { "not (op:add or op:sum)", &product, TRUE },
  { "NOT op:add AND NORM > 1", &product, TRUE },
  { "  ( norm < inf )  ", &product, TRUE },
  { "norm > 1", &unknown, FALSE },
  { "order", &product, FALSE },
};

static void
test_matches (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenCondition) condition = gten_condition_new (cases[i].text, NULL, &error);

      g_assert_no_error (error);
      g_test_message ("%s", cases[i].text);
      g_assert_cmpstr (gten_condition_get_text (condition), ==, cases[i].text);
      g_assert_cmpint (gten_condition_matches (condition, cases[i].subject), ==, cases[i].matches);
    }
}

typedef struct
{
  const char *text;
  guint       position;
  const char *message;
} Wrong;

static const Wrong wrongs[] = {
  { "", 0, "Expected a condition" },
  { "norm", 4, "Expected <, <=, >, >=, = or != after “norm”" },
  { "norm >", 6, "Expected a number" },
  { "norm > x", 7, "Expected a number" },
  { "norm > nan", 7, "Expected a number" },
  { "norm > 1e3x", 7, "Expected a number" },
  { "norm >< 1", 5, "Expected <" },
  { "size > 1", 0, "There is no number “size”" },
  { "colour:red", 0, "There is no “colour:”" },
  { "op:", 3, "“op:” is followed by nothing" },
  { "shape:big", 6, "A shape is written as" },
  { "shape:-2", 6, "A shape is written as" },
  { "is:red", 3, "What a node can be" },
  { "(norm > 1", 9, "Expected “)”" },
  { "norm > 1)", 8, "“)” closes nothing" },
  { "norm > 1 and", 12, "Expected a condition" },
  { "or norm > 1", 0, "Expected a condition before “or”" },
  { "not", 3, "Expected a condition" },
  { "> 1", 0, "“>” does not belong here" },
  { "ärger > 1", 0, "There is no number" },
  { "name:ä >", 7, "“>” does not belong here" },
};

static void
test_wrong (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wrongs); i++)
    {
      g_autoptr (GError) error = NULL;
      guint position = G_MAXUINT;
      g_autofree char *place = g_strdup_printf ("at character %u of", wrongs[i].position + 1);
      g_autoptr (GtenCondition) condition = gten_condition_new (wrongs[i].text, &position, &error);

      g_test_message ("%s: %s", wrongs[i].text, error != NULL ? error->message : "right");
      g_assert_null (condition);
      g_assert_error (error, GTEN_ERROR, GTEN_ERROR_VALUE);
      g_assert_true (g_str_has_prefix (error->message, wrongs[i].message));
      g_assert_nonnull (strstr (error->message, place));
      g_assert_cmpuint (position, ==, wrongs[i].position);
    }
}

/* Whatever is read neither crashes nor nests without bound. */
static void
test_noise (void)
{
  static const char *const pieces[] = { "norm", ">", "<", "(", ")", "not ", "and ", "or ", "1e3", "op:", "mul", "shape:", "2x3", " ", "!",
                                        "=", "is:leaf", "ä", "\xff", "*", "?", "nan", "-", "hit" };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GtenCondition) condition = NULL;

      for (int n = g_rand_int_range (random, 0, 12); n > 0; n--)
        g_string_append (text, pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
      condition = gten_condition_new (text->str, NULL, NULL);
      if (condition != NULL)
        gten_condition_matches (condition, i % 2 == 0 ? &product : &poisoned);
    }
  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, i % 2 == 0 ? "(" : "not ");
  g_assert_null (gten_condition_new (deep->str, NULL, NULL));
}

static void
test_needs (void)
{
  static const struct { const char *text; gboolean measures, extremes; } rows[] = {
    { "op:mul hit>2 numel>3", FALSE, FALSE },
    { "op:mul norm>2", TRUE, FALSE },
    { "is:nonfinite", TRUE, FALSE },
    { "absmax < 1", TRUE, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GtenCondition) condition = gten_condition_new (rows[i].text, NULL, NULL);

      g_assert_cmpint (gten_condition_needs_measures (condition), ==, rows[i].measures);
      g_assert_cmpint (gten_condition_needs_extremes (condition), ==, rows[i].extremes);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/condition/matches", test_matches);
  g_test_add_func ("/condition/wrong", test_wrong);
  g_test_add_func ("/condition/noise", test_noise);
  g_test_add_func ("/condition/needs", test_needs);
  return g_test_run ();
}
