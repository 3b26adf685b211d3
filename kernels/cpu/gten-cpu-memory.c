/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The caching allocator.
 *
 * Sizes are rounded up to classes, four to a doubling, and a freed block waits in its class's list:
 * small ones first in a magazine of the thread that freed them, which takes no lock, the others in
 * the depot of all threads. Fresh pages cost more than most operations on them, so large blocks are
 * kept as well, up to an eighth of the machine's memory. Under AddressSanitizer nothing is kept and
 * nothing is rounded, so that it sees every use after a free and every byte beyond an end. */
#include "gten-cpu-private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GTEN_MEMORY_ALIGNMENT      64
#define GTEN_MEMORY_CLASSES        256
#define GTEN_MEMORY_MAGAZINE_BYTES 65536  /* the largest block that magazines hold */
#define GTEN_MEMORY_MAGAZINE_COUNT 32     /* blocks of a class in a magazine */
#define GTEN_MEMORY_MAGAZINES      48     /* classes up to GTEN_MEMORY_MAGAZINE_BYTES */
#define GTEN_MEMORY_HUGE_PAGE      (2 << 20)

#ifdef __SANITIZE_ADDRESS__
#define GTEN_MEMORY_KEEPS 0
#else
#define GTEN_MEMORY_KEEPS 1
#endif

/* A free block begins with the next of its class. */
typedef struct _GtenFreeBlock
{
  struct _GtenFreeBlock *next;
} GtenFreeBlock;

typedef struct
{
  GtenFreeBlock *blocks[GTEN_MEMORY_MAGAZINES];
  uint8_t        counts[GTEN_MEMORY_MAGAZINES];
  bool           is_registered;
} GtenMagazine;

static _Thread_local GtenMagazine gten_magazine;

static struct
{
  pthread_mutex_t lock;
  GtenFreeBlock  *blocks[GTEN_MEMORY_CLASSES];
  size_t          n_bytes, limit;
} gten_depot = { .lock = PTHREAD_MUTEX_INITIALIZER };

static pthread_key_t gten_magazine_key;
static pthread_once_t gten_memory_once = PTHREAD_ONCE_INIT;

/* -- size classes ----------------------------------------------------------------------------------*/

/* 64, 128, 192, 256, 320, 384, 448, 512, 640, ...: four classes to a doubling. */
static inline int
gten_memory_class (size_t n_bytes, size_t *rounded)
{
  size_t units = n_bytes == 0 ? 1 : (n_bytes + GTEN_MEMORY_ALIGNMENT - 1) / GTEN_MEMORY_ALIGNMENT;
  int shift;

  if (units <= 8)
    {
      *rounded = units * GTEN_MEMORY_ALIGNMENT;
      return (int) units - 1;
    }
  shift = 61 - __builtin_clzll (units - 1);
  units = ((units - 1) >> shift) + 1;
  *rounded = (units << shift) * GTEN_MEMORY_ALIGNMENT;
  return 4 * shift + (int) units - 1;
}

/* -- the system ------------------------------------------------------------------------------------*/

static void *
gten_memory_fresh (size_t rounded)
{
  size_t alignment = rounded >= GTEN_MEMORY_HUGE_PAGE ? GTEN_MEMORY_HUGE_PAGE : GTEN_MEMORY_ALIGNMENT;
  void *data = NULL;

  if (posix_memalign (&data, alignment, rounded) != 0)
    return NULL;
#ifdef MADV_HUGEPAGE
  if (rounded >= GTEN_MEMORY_HUGE_PAGE)
    madvise (data, rounded, MADV_HUGEPAGE);
#endif
  return data;
}

static uint64_t
gten_depot_trim (void)
{
  uint64_t n_bytes;

  pthread_mutex_lock (&gten_depot.lock);
  for (int class = 0; class < GTEN_MEMORY_CLASSES; class++)
    while (gten_depot.blocks[class] != NULL)
      {
        GtenFreeBlock *block = gten_depot.blocks[class];

        gten_depot.blocks[class] = block->next;
        free (block);
      }
  n_bytes = gten_depot.n_bytes;
  gten_depot.n_bytes = 0;
  pthread_mutex_unlock (&gten_depot.lock);
  return n_bytes;
}

/* -- magazines -------------------------------------------------------------------------------------*/

static uint64_t
gten_magazine_empty (GtenMagazine *self)
{
  uint64_t n_blocks = 0;

  for (int class = 0; class < GTEN_MEMORY_MAGAZINES; class++)
    {
      while (self->blocks[class] != NULL)
        {
          GtenFreeBlock *block = self->blocks[class];

          self->blocks[class] = block->next;
          free (block);
          n_blocks++;
        }
      self->counts[class] = 0;
    }
  return n_blocks;
}

static void
gten_magazine_leave_cb (void *data)
{
  gten_magazine_empty (data);
  /* What other destructors of this thread free goes to a magazine that is emptied again. */
  ((GtenMagazine *) data)->is_registered = false;
}

static void
gten_memory_init (void)
{
  long pages = sysconf (_SC_PHYS_PAGES), page = sysconf (_SC_PAGESIZE);

  pthread_key_create (&gten_magazine_key, gten_magazine_leave_cb);
  gten_depot.limit = pages > 0 && page > 0 ? (size_t) pages / 8 * (size_t) page : (size_t) 256 << 20;
}

static void
gten_magazine_register (void)
{
  pthread_once (&gten_memory_once, gten_memory_init);
  pthread_setspecific (gten_magazine_key, &gten_magazine);
  gten_magazine.is_registered = true;
}

/* -- the entries -----------------------------------------------------------------------------------*/

void *
gten_cpu_alloc (int device, size_t n_bytes)
{
  GtenFreeBlock *block = NULL;
  size_t rounded;
  void *data;
  int class;

  if (GTEN_UNLIKELY (n_bytes > PTRDIFF_MAX / 2))
    return NULL;
  class = gten_memory_class (n_bytes, &rounded);
  if (!GTEN_MEMORY_KEEPS)
    return gten_memory_fresh (n_bytes);
  if (rounded <= GTEN_MEMORY_MAGAZINE_BYTES)
    {
      block = gten_magazine.blocks[class];
      if (GTEN_LIKELY (block != NULL))
        {
          gten_magazine.blocks[class] = block->next;
          gten_magazine.counts[class]--;
          return block;
        }
    }
  else
    {
      pthread_mutex_lock (&gten_depot.lock);
      block = gten_depot.blocks[class];
      if (block != NULL)
        {
          gten_depot.blocks[class] = block->next;
          gten_depot.n_bytes -= rounded;
        }
      pthread_mutex_unlock (&gten_depot.lock);
      if (block != NULL)
        return block;
    }
  data = gten_memory_fresh (rounded);
  if (data == NULL && gten_cpu_trim (device) > 0)
    data = gten_memory_fresh (rounded);
  return data;
}

void
gten_cpu_free (int device, void *data, size_t n_bytes)
{
  GtenFreeBlock *block = data;
  size_t rounded;
  int class;

  if (data == NULL)
    return;
  class = gten_memory_class (n_bytes, &rounded);
  if (!GTEN_MEMORY_KEEPS)
    {
      free (data);
      return;
    }
  if (GTEN_UNLIKELY (!gten_magazine.is_registered))
    gten_magazine_register ();
  if (rounded <= GTEN_MEMORY_MAGAZINE_BYTES)
    {
      if (gten_magazine.counts[class] == GTEN_MEMORY_MAGAZINE_COUNT)
        {
          free (data);
          return;
        }
      block->next = gten_magazine.blocks[class];
      gten_magazine.blocks[class] = block;
      gten_magazine.counts[class]++;
      return;
    }
  pthread_mutex_lock (&gten_depot.lock);
  if (gten_depot.n_bytes + rounded <= gten_depot.limit)
    {
      block->next = gten_depot.blocks[class];
      gten_depot.blocks[class] = block;
      gten_depot.n_bytes += rounded;
      block = NULL;
    }
  pthread_mutex_unlock (&gten_depot.lock);
  free (block);
}

static size_t
gten_magazine_bytes (const GtenMagazine *self)
{
  size_t n_bytes = 0;

  for (int class = 0; class < GTEN_MEMORY_MAGAZINES; class++)
    {
      const int shift = class < 8 ? 0 : class / 4 - 1;
      const size_t units = class < 8 ? class + 1 : class - 4 * shift + 1;

      n_bytes += (size_t) self->counts[class] * (units << shift) * GTEN_MEMORY_ALIGNMENT;
    }
  return n_bytes;
}

/* The magazines of other threads are theirs; they are small. */
uint64_t
gten_cpu_trim (int device)
{
  uint64_t n_bytes = gten_magazine_bytes (&gten_magazine);

  gten_magazine_empty (&gten_magazine);
  return n_bytes + gten_depot_trim ();
}

uint64_t
gten_cpu_cached (int device)
{
  uint64_t n_bytes;

  pthread_mutex_lock (&gten_depot.lock);
  n_bytes = gten_depot.n_bytes;
  pthread_mutex_unlock (&gten_depot.lock);
  return n_bytes + gten_magazine_bytes (&gten_magazine);
}
