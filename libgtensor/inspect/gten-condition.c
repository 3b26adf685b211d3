/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conditions on nodes and their gradients: a fixed grammar, never code.
 *
 *   condition = all { "or" all }
 *   all       = each { ["and"] each }
 *   each      = "not" each | "(" condition ")" | NUMBER-OF ("<" | "<=" | ">" | ">=" | "=" | "!=") NUMBER
 *             | KEY ":" PATTERN | WORD
 *
 * NUMBER-OF is norm, absmax, min, max, mean, nan, inf, nonfinite, numel, ndim or hit; KEY is name,
 * op, site, shape, dtype, device, state or is. A WORD is looked for in the name and in the op.
 *
 * What is not known makes a comparison neither true nor false; only what is true matches. */

#include "inspect/gten-condition.h"

#include "inspect/gten-inspect.h"

#include <math.h>
#include <string.h>

#define MAX_TERMS 64            /* of one condition, which also bounds how deep it nests */

typedef enum { NO, UNKNOWN, YES } Truth;   /* so that "and" is the least and "or" the greatest */

typedef enum { AND, OR, NOT, COMPARE, MATCH } Kind;
typedef enum { LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL } Comparison;
typedef enum { NORM, ABSMAX, MIN, MAX_, MEAN, NAN_, INF, NONFINITE, NUMEL, NDIM, HIT, N_NUMBERS } Number;
typedef enum { ANY, NAME, OP, SITE, SHAPE, DTYPE, DEVICE, STATE, IS, N_KEYS } Key;

static const char *const number_names[N_NUMBERS] = { "norm", "absmax", "min", "max", "mean", "nan", "inf", "nonfinite",
                                                     "numel", "ndim", "hit" };
static const char *const key_names[N_KEYS] = { "", "name", "op", "site", "shape", "dtype", "device", "state", "is" };
static const char *const comparisons[] = { "<", "<=", ">", ">=", "=", "!=" };

typedef struct _Term Term;
struct _Term
{
  Kind         kind;
  Term        *left, *right;
  Number       number;
  Comparison   comparison;
  double       value;
  Key          key;
  char        *pattern;
  GArray      *sizes;           /* of a shape: gint64, -1 for any */
  gboolean     whole;           /* the shape has no other dimension */
};

struct _GtenCondition
{
  gatomicrefcount ref_count;
  char           *text;
  Term           *root;
  gboolean        needs_measures, needs_extremes;
};

G_DEFINE_BOXED_TYPE (GtenCondition, gten_condition, gten_condition_ref, gten_condition_unref)

/* -- reading ------------------------------------------------------------------------------------ */

typedef struct
{
  GtenCondition *condition;
  const char    *at;
  guint          n_terms;
  const char    *wrong_at;
  GError       **error;
} Reader;

static Term *read_condition (Reader *reader);

static void
term_free (Term *self)
{
  if (self == NULL)
    return;
  term_free (self->left);
  term_free (self->right);
  g_free (self->pattern);
  g_clear_pointer (&self->sizes, g_array_unref);
  g_free (self);
}

static Term *fail (Reader *reader, const char *at, const char *format, ...) G_GNUC_PRINTF (3, 4);

static Term *
fail (Reader *reader, const char *at, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  reader->wrong_at = at;
  g_set_error (reader->error, GTEN_ERROR, GTEN_ERROR_VALUE, "%s, at character %ld of “%s”", message,
               g_utf8_pointer_to_offset (reader->condition->text, at) + 1, reader->condition->text);
  return NULL;
}

static void
skip_space (Reader *reader)
{
  while (g_ascii_isspace (*reader->at))
    reader->at++;
}

static gboolean
ends_word (char c)
{
  return c == '\0' || g_ascii_isspace (c) || strchr ("()<>=!", c) != NULL;
}

/* A new string: what comes next up to a space, a parenthesis or a comparison. */
static char *
read_word (Reader *reader)
{
  const char *start = reader->at;

  while (!ends_word (*reader->at))
    reader->at++;
  return g_strndup (start, reader->at - start);
}

static gboolean
take_keyword (Reader *reader, const char *keyword)
{
  gsize length = strlen (keyword);

  skip_space (reader);
  if (g_ascii_strncasecmp (reader->at, keyword, length) != 0 || !ends_word (reader->at[length]))
    return FALSE;
  reader->at += length;
  return TRUE;
}

static Term *
term_new (Reader *reader, Kind kind, Term *left, Term *right)
{
  Term *self;

  if (++reader->n_terms > MAX_TERMS)
    {
      term_free (left);
      term_free (right);
      return fail (reader, reader->at, "A condition has at most %d parts", MAX_TERMS);
    }
  self = g_new0 (Term, 1);
  self->kind = kind;
  self->left = left;
  self->right = right;
  return self;
}

/* "64" among others, "2x3" exactly; "*" is any size and "scalar" no dimension. */
static gboolean
read_sizes (Term *term)
{
  g_auto (GStrv) parts = g_strsplit_set (term->pattern, "x,", -1);
  guint n = g_strv_length (parts);

  term->sizes = g_array_new (FALSE, FALSE, sizeof (gint64));
  term->whole = TRUE;
  if (g_ascii_strcasecmp (term->pattern, "scalar") == 0)
    return TRUE;
  for (guint i = 0; i < n; i++)
    {
      gint64 size = -1;

      if (!g_str_equal (parts[i], "*")
          && !g_ascii_string_to_signed (parts[i], 10, 0, G_MAXINT64, &size, NULL))
        return FALSE;
      g_array_append_val (term->sizes, size);
    }
  term->whole = n > 1;
  return n > 0;
}

static Term *
read_match (Reader *reader, Key key, char *pattern, const char *at)
{
  Term *term = term_new (reader, MATCH, NULL, NULL);
  static const char *const kinds[] = { "leaf", "nonfinite", NULL };

  if (term == NULL || *pattern == '\0')
    {
      g_free (pattern);
      term_free (term);
      return *reader->error != NULL ? NULL : fail (reader, at, "“%s:” is followed by nothing", key_names[key]);
    }
  term->key = key;
  term->pattern = pattern;
  if (key == SHAPE && !read_sizes (term))
    {
      term_free (term);
      return fail (reader, at, "A shape is written as 64, 2x3, 2x* or scalar");
    }
  if (key == IS && !g_strv_contains (kinds, pattern))
    {
      term_free (term);
      return fail (reader, at, "What a node can be is “leaf” or “nonfinite”");
    }
  if (key == IS && g_str_equal (pattern, "nonfinite"))
    reader->condition->needs_measures = TRUE;
  return term;
}

static gboolean
read_comparison (Reader *reader, Comparison *comparison)
{
  const char *at = reader->at;
  gsize length = strspn (at, "<>=!");

  for (guint i = 0; i < G_N_ELEMENTS (comparisons); i++)
    if ((strlen (comparisons[i]) == length && strncmp (at, comparisons[i], length) == 0)
        || (i == EQUAL && length == 2 && strncmp (at, "==", 2) == 0))
      {
        *comparison = i;
        reader->at += length;
        return TRUE;
      }
  return FALSE;
}

static Term *
read_number (Reader *reader, Number number)
{
  Comparison comparison;
  const char *at;
  char *end;
  double value;
  Term *term;

  if (!read_comparison (reader, &comparison))
    return fail (reader, reader->at, "Expected <, <=, >, >=, = or != after “%s”", number_names[number]);
  skip_space (reader);
  at = reader->at;
  value = g_ascii_strtod (at, &end);
  if (end == at || !ends_word (*end) || isnan (value))
    return fail (reader, at, "Expected a number");
  reader->at = end;
  term = term_new (reader, COMPARE, NULL, NULL);
  if (term == NULL)
    return NULL;
  term->number = number;
  term->comparison = comparison;
  term->value = value;
  reader->condition->needs_measures |= number <= NONFINITE;
  reader->condition->needs_extremes |= number >= ABSMAX && number <= MEAN;
  return term;
}

static int
find_word (const char *const *names, guint n_names, const char *word, gsize length)
{
  for (guint i = 0; i < n_names; i++)
    if (strlen (names[i]) == length && g_ascii_strncasecmp (names[i], word, length) == 0)
      return i;
  return -1;
}

static Term *
read_each (Reader *reader)
{
  g_autofree char *word = NULL;
  const char *start, *colon;
  int found;

  if (take_keyword (reader, "not"))
    {
      Term *denied;

      if (++reader->n_terms > MAX_TERMS)
        return fail (reader, reader->at, "A condition has at most %d parts", MAX_TERMS);
      denied = read_each (reader);
      return denied != NULL ? term_new (reader, NOT, denied, NULL) : NULL;
    }
  skip_space (reader);
  start = reader->at;
  if (*start == '(')
    {
      Term *inner;

      if (++reader->n_terms > MAX_TERMS)
        return fail (reader, start, "A condition has at most %d parts", MAX_TERMS);
      reader->at++;
      inner = read_condition (reader);
      if (inner == NULL)
        return NULL;
      skip_space (reader);
      if (*reader->at == ')')
        {
          reader->at++;
          return inner;
        }
      term_free (inner);
      return fail (reader, reader->at, "Expected “)”");
    }

  word = read_word (reader);
  if (g_ascii_strcasecmp (word, "or") == 0 || g_ascii_strcasecmp (word, "and") == 0)
    return fail (reader, start, "Expected a condition before “%s”", word);
  if (*word == '\0')
    return *start == '\0' ? fail (reader, start, "Expected a condition") : fail (reader, start, "“%c” does not belong here", *start);
  colon = strchr (word, ':');
  if (colon != NULL)
    {
      found = find_word (key_names + 1, N_KEYS - 1, word, colon - word);
      if (found < 0)
        return fail (reader, start, "There is no “%.*s:”; there are name, op, site, shape, dtype, device, state and is",
                     (int) (colon - word), word);
      return read_match (reader, found + 1, g_strdup (colon + 1), start + (colon + 1 - word));
    }
  skip_space (reader);
  found = find_word (number_names, N_NUMBERS, word, strlen (word));
  if (found >= 0)
    return read_number (reader, found);
  if (*reader->at != '\0' && strchr ("<>=!", *reader->at) != NULL)
    return fail (reader, start, "There is no number “%s”; there are norm, absmax, min, max, mean, nan, inf, nonfinite, "
                 "numel, ndim and hit", word);
  return read_match (reader, ANY, g_steal_pointer (&word), start);
}

static gboolean
at_end (Reader *reader)
{
  const char *at;

  skip_space (reader);
  at = reader->at;
  if (*at == '\0' || *at == ')')
    return TRUE;
  return g_ascii_strncasecmp (at, "or", 2) == 0 && ends_word (at[2]);
}

static Term *
read_all (Reader *reader)
{
  Term *left = read_each (reader);

  while (left != NULL && (take_keyword (reader, "and") || !at_end (reader)))
    {
      Term *right = read_each (reader);

      if (right == NULL)
        {
          term_free (left);
          return NULL;
        }
      left = term_new (reader, AND, left, right);
    }
  return left;
}

static Term *
read_condition (Reader *reader)
{
  Term *left = read_all (reader);

  while (left != NULL && take_keyword (reader, "or"))
    {
      Term *right = read_all (reader);

      if (right == NULL)
        {
          term_free (left);
          return NULL;
        }
      left = term_new (reader, OR, left, right);
    }
  return left;
}

/* -- asking ------------------------------------------------------------------------------------- */

/* NaN for what is not known. */
static double
get_number (Number number, const GtenConditionSubject *subject)
{
  double numel = 1;

  switch (number)
    {
    case NUMEL:
      for (int i = 0; i < subject->n_dims; i++)
        numel *= subject->shape[i];
      return subject->n_dims < 0 ? NAN : numel;
    case NDIM:
      return subject->n_dims < 0 ? NAN : subject->n_dims;
    case HIT:
      return subject->hit;
    case NORM:
      return subject->measured ? subject->norm : NAN;
    case ABSMAX:
      return !subject->measured                                     ? NAN
             : subject->n_infinite > 0                              ? INFINITY
             : isnan (subject->minimum) || isnan (subject->maximum) ? NAN
                                                                    : fmax (fabs (subject->minimum), fabs (subject->maximum));
    case MIN:
      return subject->measured ? subject->minimum : NAN;
    case MAX_:
      return subject->measured ? subject->maximum : NAN;
    case MEAN:
      return subject->measured ? subject->mean : NAN;
    case NAN_:
      return subject->measured ? subject->n_nan : NAN;
    case INF:
      return subject->measured ? subject->n_infinite : NAN;
    case NONFINITE:
      return subject->measured ? subject->n_nan + subject->n_infinite : NAN;
    case N_NUMBERS:
    default:
      return NAN;
    }
}

static Truth
compare (const Term *term, const GtenConditionSubject *subject)
{
  double number = get_number (term->number, subject), value = term->value;
  gboolean holds;

  /* A norm is NaN where it was measured and something is not a number: no comparison holds then,
   * and none fails. */
  if (isnan (number))
    return UNKNOWN;
  switch (term->comparison)
    {
    case LESS:
      holds = number < value;
      break;
    case LESS_EQUAL:
      holds = number <= value;
      break;
    case GREATER:
      holds = number > value;
      break;
    case GREATER_EQUAL:
      holds = number >= value;
      break;
    case EQUAL:
      holds = number == value;
      break;
    case NOT_EQUAL:
    default:
      holds = number != value;
    }
  return holds ? YES : NO;
}

static gboolean
find_in (const char *text, const char *pattern)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;
  g_autofree char *sought = g_utf8_casefold (pattern, -1);

  return folded != NULL && strstr (folded, sought) != NULL;
}

static gboolean
has_wildcards (const char *pattern)
{
  return strpbrk (pattern, "*?") != NULL;
}

/* The whole text, or with wildcards what they make of it. */
static gboolean
is_like (const char *text, const char *pattern)
{
  if (text == NULL)
    return FALSE;
  return has_wildcards (pattern) ? g_pattern_match_simple (pattern, text) : g_ascii_strcasecmp (text, pattern) == 0;
}

/* "train.py:12" and "train.py" are in "/home/me/train.py:12 step". */
static gboolean
is_at_site (const char *site, const char *pattern)
{
  gboolean names_line = strchr (pattern, ':') != NULL || has_wildcards (pattern);
  gsize length, pattern_length = strlen (pattern);
  g_autofree char *place = NULL;
  const char *function;
  guint line;

  if (!gten_inspect_read_site (site, &length, &line, &function))
    place = g_strdup (site);
  else if (names_line)
    place = g_strdup_printf ("%.*s:%u", (int) length, site, line);
  else
    place = g_strndup (site, length);
  if (place == NULL)
    return FALSE;
  if (has_wildcards (pattern))
    return g_pattern_match_simple (pattern, place);
  length = strlen (place);
  return length >= pattern_length && g_str_equal (place + length - pattern_length, pattern)
         && (length == pattern_length || place[length - pattern_length - 1] == '/');
}

static Truth
has_shape (const Term *term, const GtenConditionSubject *subject)
{
  const gint64 *sizes = (const gint64 *) (gpointer) term->sizes->data;

  if (subject->n_dims < 0)
    return UNKNOWN;
  if (!term->whole)
    {
      for (int i = 0; i < subject->n_dims; i++)
        if (sizes[0] < 0 || subject->shape[i] == sizes[0])
          return YES;
      return NO;
    }
  if ((guint) subject->n_dims != term->sizes->len)
    return NO;
  for (int i = 0; i < subject->n_dims; i++)
    if (sizes[i] >= 0 && subject->shape[i] != sizes[i])
      return NO;
  return YES;
}

/* An operation in place is the same operation. */
static gboolean
is_op (const char *op, const char *pattern)
{
  gsize length = op != NULL ? strlen (op) : 0;
  g_autofree char *plain = length > 1 && op[length - 1] == '_' ? g_strndup (op, length - 1) : NULL;

  return is_like (op, pattern) || is_like (plain, pattern);
}

static Truth
match (const Term *term, const GtenConditionSubject *subject)
{
  const char *pattern = term->pattern;

  switch (term->key)
    {
    case ANY:
      return find_in (subject->name, pattern) || find_in (subject->op, pattern) ? YES : NO;
    case NAME:
      return (has_wildcards (pattern) ? is_like (subject->name, pattern) : find_in (subject->name, pattern)) ? YES : NO;
    case OP:
      return is_op (subject->op, pattern) ? YES : NO;
    case SITE:
      return is_at_site (subject->site, pattern) ? YES : NO;
    case SHAPE:
      return has_shape (term, subject);
    case DTYPE:
      return is_like (subject->dtype, pattern) ? YES : NO;
    case DEVICE:
      return is_like (subject->device, pattern) ? YES : NO;
    case STATE:
      return is_like (subject->state, pattern) ? YES : NO;
    case IS:
      if (g_str_equal (pattern, "leaf"))
        return subject->leaf ? YES : NO;
      return !subject->measured ? UNKNOWN : subject->n_nan + subject->n_infinite > 0 ? YES : NO;
    case N_KEYS:
    default:
      return NO;
    }
}

static Truth
ask (const Term *term, const GtenConditionSubject *subject)
{
  switch (term->kind)
    {
    case AND:
      return MIN (ask (term->left, subject), ask (term->right, subject));
    case OR:
      return MAX (ask (term->left, subject), ask (term->right, subject));
    case NOT:
      return YES - ask (term->left, subject);
    case COMPARE:
      return compare (term, subject);
    case MATCH:
    default:
      return match (term, subject);
    }
}

/* -- public ------------------------------------------------------------------------------------- */

/**
 * gten_condition_new:
 * @text: a condition, such as `norm > 1e3`, `nonfinite > 0 and absmax < 1e-8` or `op:mul shape:64`
 * @position: (out) (optional): the character at which a wrong text is wrong, counted from 0
 * @error: return location for an error
 *
 * Reads a condition. Conditions are joined by `and` (or by nothing) and `or`, denied by `not`, and
 * grouped by parentheses. A number is compared: `norm`, `absmax`, `min`, `max`, `mean`, `nan`,
 * `inf`, `nonfinite`, `numel`, `ndim` and `hit`. A word is matched: `name:Mul*`, `op:mul`,
 * `site:train.py:12`, `shape:64` (a dimension) or `shape:2x*` (all of them), `dtype:float32`,
 * `device:cuda*`, `state:done`, `is:leaf`, `is:nonfinite`. A word alone is looked for in names.
 *
 * Raises %GTEN_ERROR_VALUE for a text that is no condition, with the place where it is wrong.
 *
 * Returns: (transfer full): the condition, or %NULL on error
 */
GtenCondition *
gten_condition_new (const char *text, guint *position, GError **error)
{
  g_autoptr (GtenCondition) self = g_new0 (GtenCondition, 1);
  g_autoptr (GError) own = NULL;
  Reader reader = { self, NULL, 0, NULL, &own };

  g_atomic_ref_count_init (&self->ref_count);
  self->text = g_utf8_make_valid (text, -1);
  reader.at = self->text;
  self->root = read_condition (&reader);
  skip_space (&reader);
  if (self->root != NULL && *reader.at != '\0')
    fail (&reader, reader.at, "“)” closes nothing");
  if (own == NULL)
    return g_steal_pointer (&self);
  if (position != NULL)
    *position = g_utf8_pointer_to_offset (self->text, reader.wrong_at);
  g_propagate_error (error, g_steal_pointer (&own));
  return NULL;
}

/**
 * gten_condition_ref: (skip)
 * @self: a condition
 *
 * Takes a reference.
 *
 * Returns: (transfer full): the condition
 */
GtenCondition *
gten_condition_ref (GtenCondition *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * gten_condition_unref: (skip)
 * @self: (transfer full): a condition
 *
 * Drops a reference.
 */
void
gten_condition_unref (GtenCondition *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  term_free (self->root);
  g_free (self->text);
  g_free (self);
}

/**
 * gten_condition_get_text:
 * @self: a condition
 *
 * Gets what the condition was read from.
 *
 * Returns: the text
 */
const char *
gten_condition_get_text (GtenCondition *self)
{
  return self->text;
}

/**
 * gten_condition_needs_measures:
 * @self: a condition
 *
 * Gets whether the condition asks for numbers of a tensor's elements.
 *
 * Returns: %TRUE if it cannot be told from what is known without measuring
 */
gboolean
gten_condition_needs_measures (GtenCondition *self)
{
  return self->needs_measures;
}

/**
 * gten_condition_needs_extremes:
 * @self: a condition
 *
 * Gets whether the condition asks for the smallest, the largest or the mean of a tensor's elements.
 *
 * Returns: %TRUE if norm and counts are not enough
 */
gboolean
gten_condition_needs_extremes (GtenCondition *self)
{
  return self->needs_extremes;
}

/**
 * gten_condition_matches:
 * @self: a condition
 * @subject: what it is asked about
 *
 * Asks whether the condition is fulfilled. What is not known fulfils neither a condition nor its
 * opposite.
 *
 * Returns: %TRUE if it is
 */
gboolean
gten_condition_matches (GtenCondition *self, const GtenConditionSubject *subject)
{
  return ask (self->root, subject) == YES;
}
