/** A memory that JavaScript and WebAssembly share. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** The part of WebAssembly's API that trees use: its types come with those of browsers, which Node's programs do not have. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

export const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
