/** What is used of WebGL; the compiler's library here is that of Node. */
interface WebGl {
  readonly TEXTURE_2D: number
  readonly RGBA: number
  readonly UNSIGNED_BYTE: number
  readonly FRAMEBUFFER: number
  readonly COLOR_ATTACHMENT0: number
  readonly MAX_TEXTURE_SIZE: number
  readonly UNPACK_PREMULTIPLY_ALPHA_WEBGL: number
  readonly UNPACK_COLORSPACE_CONVERSION_WEBGL: number
  readonly NONE: number
  readonly NO_ERROR: number
  getParameter(name: number): number
  pixelStorei(name: number, value: number | boolean): void
  createTexture(): object | null
  bindTexture(target: number, texture: object | null): void
  texImage2D(
    target: number,
    level: number,
    internalFormat: number,
    format: number,
    type: number,
    source: object,
  ): void
  createFramebuffer(): object | null
  bindFramebuffer(target: number, buffer: object | null): void
  framebufferTexture2D(
    target: number,
    attachment: number,
    kind: number,
    texture: object | null,
    level: number,
  ): void
  readPixels(
    x: number,
    y: number,
    width: number,
    height: number,
    format: number,
    type: number,
    pixels: Uint8Array,
  ): void
  deleteTexture(texture: object | null): void
  deleteFramebuffer(buffer: object | null): void
  getError(): number
}

interface WebGlCanvas {
  getContext(kind: 'webgl'): WebGl | null
}

let context: WebGl | null | undefined

/** One for all pictures, since a page has few; null where the browser has no WebGL. */
function webGl(): WebGl | null {
  if (context === undefined) {
    const { OffscreenCanvas } = globalThis as unknown as {
      OffscreenCanvas: new (width: number, height: number) => WebGlCanvas
    }
    context = new OffscreenCanvas(1, 1).getContext('webgl')
  }
  return context
}

/**
 * Pixels of a bitmap whose colours were not multiplied by their opacity, as (height, width, 4): a 2D canvas keeps products in
 * bytes, which loses the colour of what is transparent, a texture keeps the bytes themselves.
 *
 * @returns undefined where the browser has no WebGL, or none for a picture of that size.
 */
export function straightColours(bitmap: {
  readonly width: number
  readonly height: number
}): Uint8Array | undefined {
  const gl = webGl()
  const { width, height } = bitmap
  if (gl === null || Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return undefined
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE)
  const texture = gl.createTexture()
  const buffer = gl.createFramebuffer()
  gl.bindTexture(gl.TEXTURE_2D, texture)
  gl.bindFramebuffer(gl.FRAMEBUFFER, buffer)
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap)
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0)
  const pixels = new Uint8Array(width * height * 4)
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels)
  gl.deleteFramebuffer(buffer)
  gl.deleteTexture(texture)
  // A context that was lost is another one's to make.
  const isDone = gl.getError() === gl.NO_ERROR
  if (!isDone) context = undefined
  return isDone ? pixels : undefined
}
