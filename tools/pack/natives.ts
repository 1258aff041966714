/** ONNX Runtime's library for a platform, which has a package of its own: `@typegrad/runtime-linux-x64` and so on. */
export interface Native {
  readonly os: 'linux' | 'darwin' | 'win32'
  readonly cpu: 'x64' | 'arm64'
  /** The C library that it is linked with. */
  readonly libc?: 'glibc'
  /** Its name in onnxruntime-node, and in the package. */
  readonly library: string
}

/** All that onnxruntime-node has. Elsewhere (musl, macOS on x64) typegrad runs as WebAssembly. */
export const natives: readonly Native[] = [
  { os: 'linux', cpu: 'x64', libc: 'glibc', library: 'libonnxruntime.so.1' },
  { os: 'linux', cpu: 'arm64', libc: 'glibc', library: 'libonnxruntime.so.1' },
  { os: 'darwin', cpu: 'arm64', library: 'libonnxruntime.1.dylib' },
  { os: 'win32', cpu: 'x64', library: 'onnxruntime.dll' },
  { os: 'win32', cpu: 'arm64', library: 'onnxruntime.dll' },
]

export const nativeName = ({ os, cpu }: Pick<Native, 'os' | 'cpu'>): string => `runtime-${os}-${cpu}`

/** Whether it is the one for this machine. */
export const isHere = ({ os, cpu }: Native): boolean => os === process.platform && cpu === process.arch
