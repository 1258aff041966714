/**
 * Stack and heap of native calls through koffi, which takes them only before the first library is loaded: what loads one
 * sets these. Optimising a graph in ONNX Runtime recurses deeply; koffi's default stack for asynchronous calls is too
 * small for it.
 */
export const nativeCallMemory = { async_stack_size: 8 << 20, async_heap_size: 1 << 20 } as const
