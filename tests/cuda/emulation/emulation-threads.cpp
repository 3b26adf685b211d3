/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A grid on one thread of the host. A fiber runs threads of the block one after another until one of them
 * waits; then another fiber goes on with the next. A thread that has left counts as having arrived. */

#include "emulation-private.h"

#include <deque>
#include <vector>

#include <sys/mman.h>
#ifndef __x86_64__
#include <ucontext.h>
#endif

#define STACK_SIZE (size_t) (128 * 1024)

uint3 threadIdx, blockIdx;
dim3  blockDim, gridDim;

/* Where a stack goes on, and jumps from one to another: what a call must keep is pushed, and nothing else, because the C
 * library's calls ask the kernel for signals each time. */
#ifdef __x86_64__

struct Place
{
  void **top;
};

asm (".text\n"
     ".local gten_emulation_jump\n"
     ".type gten_emulation_jump, @function\n"
     "gten_emulation_jump:\n"
     "  push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
     "  mov %rsp, (%rdi)\n"
     "  mov (%rsi), %rsp\n"
     "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp\n"
     "  ret\n"
     ".size gten_emulation_jump, . - gten_emulation_jump\n");

extern "C" void gten_emulation_jump (Place *from, const Place *to);

static void
begin_stack (Place *self, char *stack, size_t n_bytes, void (*function) (void))
{
  self->top = (void **) (stack + n_bytes) - 8;
  memset (self->top, 0, 8 * sizeof *self->top);
  self->top[6] = (void *) function;   /* above the six registers; the stack is as after a call */
}

#else

struct Place
{
  ucontext_t context;
};

static void
gten_emulation_jump (Place *from, const Place *to)
{
  swapcontext (&from->context, &to->context);
}

static void
begin_stack (Place *self, char *stack, size_t n_bytes, void (*function) (void))
{
  getcontext (&self->context);
  self->context.uc_stack.ss_sp = stack;
  self->context.uc_stack.ss_size = n_bytes;
  makecontext (&self->context, function, 0);
}

#endif

namespace
{

struct Fiber
{
  Place           place;
  uint3           index;      /* of the thread that it runs */
  unsigned        thread;
  unsigned        mask;       /* the meeting of a warp in which it waits */
  uint64_t        value;
  bool            yes, all;
  int             source;
  GtenWarpAnswer *answer;
};

struct Warp
{
  unsigned waiting, left;     /* a bit per lane */
  Fiber   *lanes[32];
};

struct Block
{
  const std::function<void ()> *body;
  unsigned             n_threads, next, n_left, count, counted;
  std::vector<Fiber *> waiting;
  std::deque<Fiber *>  ready;
  std::vector<Warp>    warps;
  bool                 trapped;
};

Block                block;
Fiber               *current;
Place                scheduler;
std::vector<Fiber *> idle;

Fiber *pick (void);

/* Another thread goes on, or the scheduler. */
void
leave (Fiber *self)
{
  Fiber *next = pick ();

  if (next != nullptr)
    current = next;
  gten_emulation_jump (&self->place, next != nullptr ? &next->place : &scheduler);
  threadIdx = self->index;
}

void
release_block (void)
{
  block.counted = block.count;
  block.count = 0;
  for (Fiber *fiber : block.waiting)
    block.ready.push_back (fiber);
  block.waiting.clear ();
}

/* Answers the lanes of a mask if all that have not left are there. */
void
try_meeting (Warp *warp, unsigned mask)
{
  unsigned present = 0, ballot = 0;

  if ((mask & ~warp->left & ~warp->waiting) != 0)
    return;
  for (int lane = 0; lane < 32; lane++)
    if ((mask & warp->waiting) >> lane & 1)
      {
        if (warp->lanes[lane]->mask != mask)
          return;
        present |= 1u << lane;
        ballot |= (unsigned) warp->lanes[lane]->yes << lane;
      }
  for (int lane = 0; lane < 32; lane++)
    if (present >> lane & 1)
      {
        Fiber *fiber = warp->lanes[lane];

        fiber->answer->ballot = ballot;
        fiber->answer->value
            = present >> fiber->source & 1 ? warp->lanes[fiber->source]->value : fiber->value;
        for (int other = 0; fiber->all && other < 32; other++)
          fiber->answer->values[other] = present >> other & 1 ? warp->lanes[other]->value : 0;
        block.ready.push_back (fiber);
      }
  warp->waiting &= ~present;
}

void
begin_thread (Fiber *self, unsigned thread)
{
  self->thread = thread;
  self->index = { thread % blockDim.x, thread / blockDim.x % blockDim.y, thread / blockDim.x / blockDim.y };
  threadIdx = self->index;
}

void
end_thread (Fiber *self)
{
  Warp *warp = &block.warps[self->thread / 32];

  warp->left |= 1u << self->thread % 32;
  block.n_left++;
  if (!block.waiting.empty () && block.waiting.size () == block.n_threads - block.n_left)
    release_block ();
  for (unsigned waiting = warp->waiting; waiting != 0; waiting &= waiting - 1)
    if (warp->waiting >> __builtin_ctz (waiting) & 1)
      try_meeting (warp, warp->lanes[__builtin_ctz (waiting)]->mask);
}

void
fiber_main (void)
{
  Fiber *self = current;

  for (;;)
    {
      while (block.next < block.n_threads)
        {
          begin_thread (self, block.next++);
          (*block.body) ();
          end_thread (self);
        }
      idle.push_back (self);
      leave (self);
    }
}

Fiber *
take_fiber (void)
{
  Fiber *fiber;
  char  *stack;

  if (!idle.empty ())
    {
      fiber = idle.back ();
      idle.pop_back ();
      return fiber;
    }
  stack = (char *) mmap (nullptr, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED)
    abort ();
  mprotect (stack, 4096, PROT_NONE);
  fiber = new Fiber ();
  begin_stack (&fiber->place, stack, STACK_SIZE, fiber_main);
  return fiber;
}

/* Who can go on: one that has waited, or one that has not begun; nullptr if there is nobody. */
Fiber *
pick (void)
{
  Fiber *fiber;

  if (block.ready.empty ())
    return block.next < block.n_threads ? take_fiber () : nullptr;
  fiber = block.ready.front ();
  block.ready.pop_front ();
  return fiber;
}

void
run_block (void)
{
  block.next = block.n_left = block.count = 0;
  for (unsigned w = 0; w < block.warps.size (); w++)
    {
      unsigned lanes = std::min (32u, block.n_threads - 32 * w);

      block.warps[w].waiting = 0;
      block.warps[w].left = lanes == 32 ? 0 : ~0u << lanes;
    }
  while (!block.trapped && block.n_left < block.n_threads)
    {
      Fiber *fiber = pick ();

      if (fiber == nullptr)
        {
          fprintf (stderr, "CUDA emulation: threads of block (%u, %u, %u) wait for others that never come\n",
                   blockIdx.x, blockIdx.y, blockIdx.z);
          abort ();
        }
      current = fiber;
      gten_emulation_jump (&scheduler, &fiber->place);
    }
}

} // namespace

void
gten_emulation_block_wait (void)
{
  gten_emulation_block_count (false);
}

int
gten_emulation_block_count (bool yes)
{
  Fiber *self = current;

  block.count += yes;
  if (block.waiting.size () + 1 == block.n_threads - block.n_left)
    release_block ();
  else
    {
      block.waiting.push_back (self);
      leave (self);
    }
  return (int) block.counted;
}

void
gten_emulation_warp_meet (unsigned mask, uint64_t value, bool yes, int source, bool all,
                          GtenWarpAnswer *answer)
{
  Fiber   *self = current;
  Warp    *warp = &block.warps[self->thread / 32];
  unsigned lane = self->thread % 32;

  if (!(mask >> lane & 1))
    {
      fprintf (stderr, "CUDA emulation: lane %u is not in its own mask %08x\n", lane, mask);
      abort ();
    }
  self->mask = mask;
  self->value = value;
  self->yes = yes;
  self->source = source;
  self->all = all;
  self->answer = answer;
  warp->lanes[lane] = self;
  warp->waiting |= 1u << lane;
  try_meeting (warp, mask);
  leave (self);
}

/* The fibers that are still in the kernel are given up with their stacks. */
void
gten_emulation_trap (void)
{
  Place given_up;

  block.trapped = true;
  gten_emulation_jump (&given_up, &scheduler);
  __builtin_unreachable ();
}

bool
gten_emulation_run_grid (dim3 grid, dim3 threads, const std::function<void ()> &thread)
{
  gridDim = grid;
  blockDim = threads;
  block.body = &thread;
  block.n_threads = threads.x * threads.y * threads.z;
  block.warps.resize ((block.n_threads + 31) / 32);
  block.ready.clear ();
  block.waiting.clear ();
  block.trapped = false;
  for (unsigned z = 0; z < grid.z; z++)
    for (unsigned y = 0; y < grid.y; y++)
      for (unsigned x = 0; x < grid.x && !block.trapped; x++)
        {
          blockIdx = { x, y, z };
          run_block ();
        }
  return !block.trapped;
}
