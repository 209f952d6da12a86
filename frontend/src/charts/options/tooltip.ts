import { formatMetric } from '@/domain/metric'

interface Hit {
  axisValue: number
  seriesName: string
  color: string
  /** Position, height, and what is said where the height is a difference. */
  value: [number, number | null, number?]
}

const MOST = 12

/**
 * The box beside the pointer, built as elements: names come from training scripts and must stay
 * text, and the content security policy allows no style attributes inside markup.
 */
export function tooltipOf(words: { at(x: number): string; more(count: number): string }) {
  return (given: unknown): HTMLElement => {
    const hits = (given as Hit[]).filter((hit) => hit.value[1] !== null && hit.seriesName !== '')
    hits.sort((a, b) => (a.value[2] ?? a.value[1] ?? 0) - (b.value[2] ?? b.value[1] ?? 0))
    const box = element('div', 'tip')
    box.append(element('div', 'tip-head', words.at((given as Hit[])[0]?.axisValue ?? 0)))
    for (const hit of hits.slice(0, MOST)) {
      const row = element('div', 'tip-row')
      const swatch = element('span', 'tip-swatch')
      swatch.style.backgroundColor = hit.color
      row.append(swatch, element('span', 'tip-name', hit.seriesName), element('span', 'tip-value', formatMetric(hit.value[2] ?? hit.value[1])))
      box.append(row)
    }
    if (hits.length > MOST) box.append(element('div', 'tip-more', words.more(hits.length - MOST)))
    return box
  }
}

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}
