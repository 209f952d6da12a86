import { type ComputedRef, computed } from 'vue'
import { type Curve, type CurvePrefs, type Line, lineOf, sameCurve } from '@/charts/options/curves'

interface Drawn {
  curve: Curve
  prefs: CurvePrefs
  line: Line
}

/** Lines of curves, made anew only for curves whose data or look changed. */
export function useLines(curves: () => readonly Curve[], prefs: () => CurvePrefs): ComputedRef<Line[]> {
  let before = new Map<string, Drawn>()
  return computed(() => {
    const look = prefs()
    const now = new Map<string, Drawn>()
    for (const curve of curves()) {
      const known = before.get(curve.id)
      const line = known && same(known, curve, look) ? known.line : lineOf(curve, look)
      now.set(curve.id, { curve, prefs: look, line })
    }
    before = now
    return [...now.values()].map((drawn) => drawn.line)
  })
}

function same(known: Drawn, curve: Curve, prefs: CurvePrefs): boolean {
  return known.prefs === prefs && sameCurve(known.curve, curve)
}
