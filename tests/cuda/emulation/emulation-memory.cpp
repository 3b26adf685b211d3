/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory of the devices: a region of addresses for each, which nothing may touch but what runs on the
 * device. Every allocation lies between two guards and begins as rubbish. */

#include "emulation-private.h"

#include <map>
#include <vector>

#include <sys/mman.h>

#define GUARD 256
#define FRESH 0xcb
#define GUARDED 0xa7
#define FREED 0xdd
#define N_DEVICES GTEN_EMULATION_DEVICES
#define REGION ((size_t) 1 << 36)

namespace
{

struct Allocation
{
  size_t n_bytes, room;     /* asked for; with what it is rounded to */
  bool   pooled;
};

struct Memory
{
  char                                *base, *top, *opened;
  size_t                               total, used, used_high, pool_used, reserved, reserved_high, threshold;
  std::map<char *, Allocation>         allocations;
  std::map<size_t, std::vector<char *>> spare;
  CUmemPoolHandle_st                  *pool;
};

Memory                   memories[N_DEVICES];
std::map<char *, size_t> pinned;

size_t
limit (void)
{
  const char *text = getenv ("GTENSOR_EMULATED_MEMORY");

  return text != nullptr ? strtoull (text, nullptr, 10) : (size_t) 1 << 32;
}

Memory *
memory_of (int device)
{
  Memory *self = &memories[device];

  if (self->base == nullptr)
    {
      self->base = (char *) mmap (nullptr, REGION, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (self->base == MAP_FAILED)
        abort ();
      self->top = self->base;
      self->total = limit ();
    }
  return self;
}

Memory *
owner (const void *data)
{
  for (Memory &memory : memories)
    if (memory.base != nullptr && (char *) data >= memory.base && (char *) data < memory.base + REGION)
      return &memory;
  return nullptr;
}

void
account (Memory *self)
{
  self->used_high = std::max (self->used_high, self->pool_used);
  self->reserved = std::max (self->reserved, self->pool_used);
  self->reserved_high = std::max (self->reserved_high, self->reserved);
}

void
check_guard (const unsigned char *at, const Allocation &allocation, const char *where, const unsigned char *data)
{
  for (int i = 0; i < GUARD; i++)
    if (at[i] != GUARDED)
      {
        fprintf (stderr, "CUDA emulation: something wrote %d bytes %s the %zu bytes at %p\n", i + 1, where,
                 allocation.n_bytes, data);
        abort ();
      }
}

} // namespace

void
gten_emulation_open (int device)
{
  Memory *self = memory_of (device);

  if (self->opened != nullptr || self->top == self->base)
    return;
  self->opened = self->top;
  mprotect (self->base, self->opened - self->base, PROT_READ | PROT_WRITE);
}

void
gten_emulation_close (void)
{
  for (Memory &self : memories)
    if (self.opened != nullptr)
      {
        mprotect (self.base, self.opened - self.base, PROT_NONE);
        self.opened = nullptr;
      }
}

size_t
gten_emulation_total (int device)
{
  return memory_of (device)->total;
}

/* NULL if there is no room. */
char *
gten_emulation_take (int device, size_t n_bytes, bool pooled)
{
  Memory *self = memory_of (device);
  size_t  room = (n_bytes + 511) / 512 * 512 + 2 * GUARD;
  char   *block;

  if (n_bytes > self->total || self->used + room > self->total)
    return nullptr;
  auto spare = self->spare.lower_bound (room);
  if (spare != self->spare.end () && spare->first <= room + room / 4)
    {
      room = spare->first;
      block = spare->second.back ();
      spare->second.pop_back ();
      if (spare->second.empty ())
        self->spare.erase (spare);
    }
  else
    {
      block = self->top;
      self->top += (room + 4095) / 4096 * 4096;
      if (self->top > self->base + REGION)
        abort ();
    }
  self->used += room;
  self->pool_used += pooled ? room : 0;
  account (self);
  self->allocations[block + GUARD] = { n_bytes, room, pooled };
  return block + GUARD;
}

/* What runs in the stream that allocated. */
void
gten_emulation_prepare (char *data, size_t n_bytes)
{
  const size_t tail = (n_bytes + 511) / 512 * 512 - n_bytes + GUARD;

  memset (data - GUARD, GUARDED, GUARD);
  memset (data, FRESH, n_bytes);
  memset (data + n_bytes, GUARDED, tail);
}

void
gten_emulation_give (void *data)
{
  Memory    *self = owner (data);
  auto       found = self->allocations.find ((char *) data);
  Allocation allocation = found->second;

  check_guard ((unsigned char *) data - GUARD, allocation, "before", (unsigned char *) data);
  check_guard ((unsigned char *) data + allocation.n_bytes, allocation, "after", (unsigned char *) data);
  memset (data, FREED, allocation.n_bytes);
  if (allocation.n_bytes > 1 << 20)
    madvise ((void *) (((uintptr_t) data + 4095) / 4096 * 4096), allocation.n_bytes / 4096 * 4096 - 4096, MADV_DONTNEED);
  self->used -= allocation.room;
  self->pool_used -= allocation.pooled ? allocation.room : 0;
  self->spare[allocation.room].push_back ((char *) data - GUARD);
  self->allocations.erase (found);
}

bool
gten_emulation_is_allocation (const void *data)
{
  Memory *self = owner (data);

  return self != nullptr && self->allocations.count ((char *) data) > 0;
}

/* The device on which n_bytes lie from there on in one allocation; -1: on none. */
int
gten_emulation_device_of (const void *data, size_t n_bytes)
{
  Memory *self = owner (data);

  if (self == nullptr)
    return -1;
  auto after = self->allocations.upper_bound ((char *) data);
  if (after == self->allocations.begin ())
    return -1;
  auto found = std::prev (after);
  if ((size_t) ((char *) data - found->first) + n_bytes > found->second.n_bytes)
    return -1;
  return (int) (self - memories);
}

bool
gten_emulation_is_of_device (const void *data)
{
  return owner (data) != nullptr;
}

bool
gten_emulation_is_pinned (const void *data)
{
  auto after = pinned.upper_bound ((char *) data);

  if (after == pinned.begin ())
    return false;
  auto found = std::prev (after);
  return (size_t) ((char *) data - found->first) < found->second;
}

void
gten_emulation_release (int device)
{
  Memory *self = memory_of (device);

  if (self->reserved > self->threshold)
    self->reserved = std::max (self->pool_used, self->threshold);
}

/* -- calls ------------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaMemGetInfo (size_t *free, size_t *total)
{
  GtenEmulationCall call;
  Memory           *self;
  int               device;

  if (call.failed ())
    return call.error ();
  cudaGetDevice (&device);
  self = memory_of (device);
  *total = self->total;
  *free = self->total - std::min (self->total, self->used + self->reserved - self->pool_used);
  return cudaSuccess;
}

cudaError_t
cudaDeviceGetDefaultMemPool (cudaMemPool_t *pool, int device)
{
  if (device < 0 || device >= N_DEVICES)
    return gten_emulation_fail (cudaErrorInvalidDevice);
  *pool = (cudaMemPool_t) memory_of (device);
  return cudaSuccess;
}

cudaError_t
cudaDeviceGetMemPool (cudaMemPool_t *pool, int device)
{
  return cudaDeviceGetDefaultMemPool (pool, device);
}

cudaError_t
cudaMemPoolSetAttribute (cudaMemPool_t pool, cudaMemPoolAttr attribute, void *value)
{
  GtenEmulationCall call;
  Memory           *self = (Memory *) pool;

  if (attribute == cudaMemPoolAttrReleaseThreshold)
    self->threshold = *(uint64_t *) value;
  else if (attribute == cudaMemPoolAttrUsedMemHigh)
    self->used_high = self->pool_used;
  else if (attribute == cudaMemPoolAttrReservedMemHigh)
    self->reserved_high = self->reserved;
  return cudaSuccess;
}

cudaError_t
cudaMemPoolGetAttribute (cudaMemPool_t pool, cudaMemPoolAttr attribute, void *value)
{
  GtenEmulationCall call;
  Memory           *self = (Memory *) pool;
  uint64_t         *number = (uint64_t *) value;

  switch (attribute)
    {
    case cudaMemPoolAttrReleaseThreshold: *number = self->threshold; break;
    case cudaMemPoolAttrReservedMemCurrent: *number = self->reserved; break;
    case cudaMemPoolAttrReservedMemHigh: *number = self->reserved_high; break;
    case cudaMemPoolAttrUsedMemCurrent: *number = self->pool_used; break;
    case cudaMemPoolAttrUsedMemHigh: *number = self->used_high; break;
    default: *(int *) value = 1; break;
    }
  return cudaSuccess;
}

cudaError_t
cudaMemPoolTrimTo (cudaMemPool_t pool, size_t n_bytes)
{
  GtenEmulationCall call;
  Memory           *self = (Memory *) pool;

  self->reserved = std::max (self->pool_used, std::min (self->reserved, n_bytes));
  return cudaSuccess;
}

cudaError_t
cudaHostAlloc (void **data, size_t n_bytes, unsigned flags)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  *data = aligned_alloc (4096, (n_bytes + 4095) / 4096 * 4096 + (n_bytes == 0) * 4096);
  if (*data == nullptr)
    return gten_emulation_fail (cudaErrorMemoryAllocation);
  memset (*data, FRESH, n_bytes);
  pinned[(char *) *data] = n_bytes;
  return cudaSuccess;
}

cudaError_t
cudaMallocHost (void **data, size_t n_bytes)
{
  return cudaHostAlloc (data, n_bytes, cudaHostAllocDefault);
}

/* Waits for all that is queued, as CUDA's does. */
cudaError_t
cudaFreeHost (void *data)
{
  GtenEmulationCall call;

  if (data == nullptr)
    return cudaSuccess;
  if (pinned.count ((char *) data) == 0)
    return gten_emulation_fail (cudaErrorInvalidValue);
  gten_emulation_run_all ();
  pinned.erase ((char *) data);
  free (data);
  return cudaSuccess;
}

cudaError_t
cudaHostRegister (void *data, size_t n_bytes, unsigned flags)
{
  GtenEmulationCall call;

  if (gten_emulation_is_pinned (data))
    return gten_emulation_fail (cudaErrorHostMemoryAlreadyRegistered);
  pinned[(char *) data] = n_bytes;
  return cudaSuccess;
}

cudaError_t
cudaHostUnregister (void *data)
{
  GtenEmulationCall call;

  return pinned.erase ((char *) data) > 0 ? cudaSuccess : gten_emulation_fail (cudaErrorInvalidValue);
}

cudaError_t
cudaPointerGetAttributes (cudaPointerAttributes *attributes, const void *data)
{
  GtenEmulationCall call;
  int               device = gten_emulation_device_of (data, 0);
  const bool        is_pinned = gten_emulation_is_pinned (data);

  attributes->type = device >= 0 ? cudaMemoryTypeDevice : is_pinned ? cudaMemoryTypeHost : cudaMemoryTypeUnregistered;
  attributes->device = device >= 0 ? device : is_pinned ? 0 : -2;
  attributes->devicePointer = device >= 0 || is_pinned ? (void *) data : nullptr;
  attributes->hostPointer = device >= 0 ? nullptr : (void *) data;
  return cudaSuccess;
}

void
gten_emulation_check_argument (const void *kernel, const void *pointer)
{
  GtenEmulationCall call;

  if (pointer == nullptr || gten_emulation_is_of_device (pointer) || gten_emulation_is_pinned (pointer))
    return;
  fprintf (stderr, "CUDA emulation: the kernel at %p is given %p, memory of the host\n", kernel, pointer);
  abort ();
}
