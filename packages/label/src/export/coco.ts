import type { LabelledSample } from '../options.ts'

/** A file of COCO's object detection (https://cocodataset.org/#format-data). */
export interface Coco {
  readonly info: { readonly description: string }
  readonly images: readonly {
    readonly id: number
    readonly file_name: string
    readonly width: number
    readonly height: number
  }[]
  readonly categories: readonly { readonly id: number; readonly name: string }[]
  readonly annotations: readonly {
    readonly id: number
    readonly image_id: number
    readonly category_id: number
    /** x, y, width and height, in pixels from the left and the top. */
    readonly bbox: readonly [number, number, number, number]
    readonly area: number
    readonly iscrowd: 0
  }[]
}

/**
 * Boxes as COCO has them. Ids count from 1 on: pycocotools takes an annotation 0 for none. A picture without a path is named by
 * its id.
 */
export function cocoOf(
  labelled: readonly LabelledSample<'boxes'>[],
  classes: readonly string[],
  description: string,
): Coco {
  const images = labelled.map(({ id, path, value }, i) => ({
    id: i + 1,
    file_name: path ?? id,
    width: value.width,
    height: value.height,
  }))
  const drawn = labelled.flatMap(({ value }, i) => value.boxes.map((box) => ({ box, image: i + 1 })))
  return {
    info: { description },
    images,
    categories: classes.map((name, i) => ({ id: i + 1, name })),
    annotations: drawn.map(({ box, image }, i) => ({
      id: i + 1,
      image_id: image,
      category_id: classes.indexOf(box.class) + 1,
      bbox: [box.x, box.y, box.width, box.height],
      area: Math.round(box.width * box.height * 100) / 100,
      iscrowd: 0,
    })),
  }
}
