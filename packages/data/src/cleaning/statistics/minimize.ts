/**
 * Where a function of one number is smallest: golden sections and parabolas by turns (Brent, "Algorithms for minimization without
 * derivatives", 1973, chapter 5), within a bracket that is found downhill from two points.
 */
export function minimize(f: (x: number) => number, from: number, to: number, tolerance = 1e-9): number {
  const [a, b, c] = bracket(f, from, to)
  return brent(f, Math.min(a, c), b, Math.max(a, c), tolerance)
}

const golden = (3 - Math.sqrt(5)) / 2

/** Three points, of which the middle one is lowest. */
function bracket(f: (x: number) => number, from: number, to: number): readonly [number, number, number] {
  let [a, b] = f(to) <= f(from) ? [from, to] : [to, from]
  let c = b + 1.618034 * (b - a)
  for (let step = 0; step < 60 && f(c) < f(b); step++) [a, b, c] = [b, c, c + 1.618034 * (c - b)]
  return [a, b, c]
}

function brent(
  f: (x: number) => number,
  low: number,
  middle: number,
  high: number,
  tolerance: number,
): number {
  let [a, b] = [low, high]
  let [x, w, v] = [middle, middle, middle]
  let fx = f(x)
  let [fw, fv] = [fx, fx]
  let [step, before] = [0, 0]
  for (let i = 0; i < 200; i++) {
    const centre = (a + b) / 2
    const least = tolerance * Math.abs(x) + 1e-12
    if (Math.abs(x - centre) <= 2 * least - (b - a) / 2) break
    let isParabola = false
    if (Math.abs(before) > least) {
      const r = (x - w) * (fx - fv)
      let q = (x - v) * (fx - fw)
      let p = (x - v) * q - (x - w) * r
      q = 2 * (q - r)
      if (q > 0) p = -p
      q = Math.abs(q)
      if (Math.abs(p) < Math.abs((q * before) / 2) && p > q * (a - x) && p < q * (b - x)) {
        isParabola = true
        before = step
        step = p / q
        const u = x + step
        if (u - a < 2 * least || b - u < 2 * least) step = x < centre ? least : -least
      }
    }
    if (!isParabola) {
      before = x < centre ? b - x : a - x
      step = golden * before
    }
    const u = x + (Math.abs(step) >= least ? step : step > 0 ? least : -least)
    const fu = f(u)
    if (fu <= fx) {
      if (u < x) b = x
      else a = x
      ;[v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu]
    } else {
      if (u < x) a = u
      else b = u
      if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu]
      else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu]
    }
  }
  return x
}
