// A faster operator new for the simulation's program: a run makes and drops some ten
// thousand small objects on one thread, which is a third of its time with malloc.
//
// Free lists by size, never given back; each block remembers its list in 16 bytes before
// it. Not for sanitized builds, which want to see every block.
#ifndef OSTLER_SANITIZED
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr size_t kStep = 16, kLists = 128;  // up to 2 KiB
constexpr size_t kChunk = 1 << 20;

struct Block {
  Block* next;
};
Block* lists[kLists];
char* free_begin = nullptr;
size_t free_left = 0;

void* take(size_t size) {
  const size_t list = (size + kStep - 1) / kStep;
  char* block = nullptr;
  if (list >= kLists) {
    block = static_cast<char*>(std::malloc(size + kStep));
    if (block == nullptr) throw std::bad_alloc();
  } else if (lists[list] != nullptr) {
    block = reinterpret_cast<char*>(lists[list]) - kStep;
    lists[list] = lists[list]->next;
  } else {
    const size_t need = (list == 0 ? kStep : list * kStep) + kStep;
    if (free_left < need) {
      free_begin = static_cast<char*>(std::malloc(kChunk));
      if (free_begin == nullptr) throw std::bad_alloc();
      free_left = kChunk;
    }
    block = free_begin;
    free_begin += need;
    free_left -= need;
  }
  *reinterpret_cast<size_t*>(block) = list;
  return block + kStep;
}

void give_back(void* memory) {
  if (memory == nullptr) return;
  char* const block = static_cast<char*>(memory) - kStep;
  const size_t list = *reinterpret_cast<size_t*>(block);
  if (list >= kLists) return std::free(block);
  Block* const free = static_cast<Block*>(memory);
  free->next = lists[list];
  lists[list] = free;
}

}  // namespace

void* operator new(size_t size) { return take(size); }
void* operator new[](size_t size) { return take(size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, size_t) noexcept { give_back(memory); }
#endif
