import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Box, Boxes } from '../annotations/task.ts'
import { boxBetween, corner, inPicture, moved, type Point, resized, type Size } from './box-geometry.ts'
import { ClassButtons } from './class-buttons.tsx'
import { isPlain } from './class-editors.tsx'
import { classOfKey, hueOfClass } from './class-keys.ts'
import type { EditorProps } from './editor.ts'

/** What the pointer does: it draws from a corner, pulls a box by a point, or pulls a corner against the one across. */
type Drag =
  | { readonly kind: 'draw'; readonly from: Point; readonly to: Point }
  | { readonly kind: 'move'; readonly place: number; readonly from: Point; readonly by: Point }
  | { readonly kind: 'pull'; readonly place: number; readonly from: Point; readonly to: Point }

/** Pixels of the screen below which a movement is a click. */
const smallest = 4

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Boxes on a picture, by the mouse, a finger or keys. */
export function BoxEditor(props: EditorProps<'boxes'>) {
  const { sample, classes, value, isProposed, words, file, onChange, onBegin, takeKeys } = props
  const [size, setSize] = useState<Size | undefined>(value)
  const [isBroken, setBroken] = useState(false)
  const [active, setActive] = useState(classes[0] ?? '')
  const [chosen, setChosen] = useState<number | undefined>(undefined)
  const [drag, setDrag] = useState<Drag | undefined>(undefined)
  const svg = useRef<SVGSVGElement>(null)
  const boxes = value?.boxes ?? []
  const scale = size === undefined ? 1 : size.width / Math.max(1, svg.current?.clientWidth ?? size.width)

  const change = (next: readonly Box[]): void => {
    if (size !== undefined) onChange({ ...size, boxes: next } satisfies Boxes)
  }
  const replace = (place: number, box: Box): void => change(boxes.map((one, i) => (i === place ? box : one)))
  const remove = (): void => {
    change(boxes.filter((_, i) => i !== chosen))
    setChosen(undefined)
  }
  const add = (box: Omit<Box, 'class'>): void => {
    change([...boxes, { ...box, class: active }])
    setChosen(boxes.length)
  }
  const addInMiddle = (): void => {
    if (size === undefined) return
    const [width, height] = [size.width / 4, size.height / 4]
    add({ x: (size.width - width) / 2, y: (size.height - height) / 2, width, height })
  }
  const chooseClass = (name: string): void => {
    setActive(name)
    const box = chosen === undefined ? undefined : boxes[chosen]
    if (box !== undefined) replace(chosen as number, { ...box, class: name })
  }

  useLayoutEffect(() => {
    takeKeys((event) => {
      if (!isPlain(event) || size === undefined) return false
      const place = classOfKey(event.key, classes.length)
      const box = chosen === undefined ? undefined : boxes[chosen]
      const arrow = arrows[event.key]
      if (place !== undefined) chooseClass(classes[place] as string)
      else if (event.key.toLowerCase() === 'b') addInMiddle()
      else if (box === undefined) return false
      else if (event.key === 'Delete' || event.key === 'Backspace') remove()
      else if (event.key === 'Escape') setChosen(undefined)
      else if (arrow !== undefined) {
        const step = Math.max(1, Math.round(size.width / 100))
        const by = { x: arrow.x * step, y: arrow.y * step }
        replace(chosen as number, event.shiftKey ? resized(box, by, size) : moved(box, by, size))
      } else return false
      return true
    })
    return () => takeKeys(undefined)
  })

  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = (svg.current as SVGSVGElement).getBoundingClientRect()
    const { width: w, height: h } = size as Size
    return inPicture(
      { x: ((event.clientX - left) * w) / width, y: ((event.clientY - top) * h) / height },
      size as Size,
    )
  }
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || size === undefined) return
    const point = pointOf(event)
    const target = event.target as Element
    const place = target.getAttribute('data-box')
    const pulled = target.getAttribute('data-corner')
    svg.current?.setPointerCapture(event.pointerId)
    if (place === null) {
      setChosen(undefined)
      setDrag({ kind: 'draw', from: point, to: point })
      return
    }
    const box = boxes[Number(place)] as Box
    setChosen(Number(place))
    if (pulled === null) setDrag({ kind: 'move', place: Number(place), from: point, by: { x: 0, y: 0 } })
    else
      setDrag({ kind: 'pull', place: Number(place), from: corner(box, (Number(pulled) + 2) % 4), to: point })
  }
  const move = (event: PointerEvent): void => {
    if (drag === undefined) return
    const point = pointOf(event)
    if (drag.kind === 'move') setDrag({ ...drag, by: { x: point.x - drag.from.x, y: point.y - drag.from.y } })
    else setDrag({ ...drag, to: point })
  }
  const up = (): void => {
    if (drag === undefined || size === undefined) return
    setDrag(undefined)
    if (drag.kind === 'draw') {
      const box = boxBetween(drag.from, drag.to)
      if (Math.min(box.width, box.height) >= smallest * scale) add(box)
      return
    }
    const after = dragged(boxes[drag.place] as Box, drag, size)
    const isClick = drag.kind === 'move' && Math.hypot(drag.by.x, drag.by.y) < smallest * scale
    if (!isClick && after.width >= 1 && after.height >= 1) replace(drag.place, after)
  }

  const shown = boxes.map((box, i) =>
    drag !== undefined && drag.kind !== 'draw' && drag.place === i && size !== undefined
      ? dragged(box, drag, size)
      : box,
  )
  return (
    <>
      <div class="card sample picture">
        {isBroken && <p class="note">{words.noPicture}</p>}
        {file !== undefined && !isBroken && (
          <div class="boxes">
            <img
              src={file}
              alt={words.sample(sample.id)}
              draggable={false}
              onError={() => setBroken(true)}
              onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => {
                setSize({ width, height })
                onBegin({ width, height, boxes: [] })
              }}
            />
            {size !== undefined && (
              // biome-ignore lint/a11y/useSemanticElements: groups are no elements of SVG
              <svg
                ref={svg}
                viewBox={`0 0 ${size.width} ${size.height}`}
                preserveAspectRatio="none"
                role="group"
                aria-label={words.picture}
                onPointerDown={down}
                onPointerMove={move}
                onPointerUp={up}
                onPointerCancel={() => setDrag(undefined)}
              >
                {shown.map((box, i) => (
                  <BoxShape
                    key={i}
                    {...{ box, scale, isProposed }}
                    place={i}
                    hue={hueOfClass(classes.indexOf(box.class))}
                    isChosen={chosen === i}
                    name={words.box(
                      box.class,
                      [box.x, box.y, box.width, box.height].map(Math.round).join(', '),
                    )}
                    onFocus={() => setChosen(i)}
                  />
                ))}
                {drag?.kind === 'draw' && (
                  <rect
                    {...boxBetween(drag.from, drag.to)}
                    style={{ '--hue': String(hueOfClass(classes.indexOf(active))) }}
                  />
                )}
              </svg>
            )}
          </div>
        )}
      </div>
      <ClassButtons {...{ classes, words }} isPressed={(name) => name === active} onChoose={chooseClass} />
      <p class="hint">
        <button type="button" onClick={addInMiddle} disabled={size === undefined}>
          <span class="key" aria-hidden="true">
            b
          </span>{' '}
          {words.addBox}
        </button>
        <button type="button" onClick={remove} disabled={chosen === undefined}>
          {words.remove}
        </button>
        {isProposed && boxes.length > 0 && <span class="proposed">{words.proposed}</span>}
      </p>
    </>
  )
}

function dragged(box: Box, drag: Exclude<Drag, { readonly kind: 'draw' }>, size: Size): Box {
  return drag.kind === 'move' ? moved(box, drag.by, size) : { ...box, ...boxBetween(drag.from, drag.to) }
}

interface BoxShapeProps {
  readonly box: Box
  readonly place: number
  readonly hue: number
  readonly scale: number
  readonly isChosen: boolean
  readonly isProposed: boolean
  readonly name: string
  readonly onFocus: () => void
}

function BoxShape({ box, place, hue, scale, isChosen, isProposed, name, onFocus }: BoxShapeProps) {
  const { x, y, width, height } = box
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons are no elements of SVG
    <g
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      aria-label={name}
      class={isProposed ? 'proposed' : ''}
      style={{ '--hue': String(hue) }}
      onFocus={onFocus}
    >
      <rect class="body" data-box={place} {...{ x, y, width, height }} />
      <text
        x={x + 6 * scale}
        y={y + 17 * scale}
        style={{ fontSize: `${13 * scale}px`, strokeWidth: `${3 * scale}px` }}
      >
        {box.class}
      </text>
      {isChosen &&
        [0, 1, 2, 3].map((number) => {
          const at = corner(box, number)
          const side = 11 * scale
          return (
            <rect
              key={number}
              class={`handle ${number % 2 === 0 ? 'nwse' : 'nesw'}`}
              data-box={place}
              data-corner={number}
              x={at.x - side / 2}
              y={at.y - side / 2}
              width={side}
              height={side}
            />
          )
        })}
    </g>
  )
}
