/**
 * `@typegrad/runtime-wasm`: ONNX Runtime as WebAssembly, as onnxruntime-web brings it, without what typegrad does not
 * use. In the repository this file stands for the package that `tools/build.ts` makes; it knows nothing of typegrad.
 */
export * from 'onnxruntime-web'
