/** A chart as a vector drawing; loaded when somebody asks for one. */
import { SVGRenderer } from 'echarts/renderers'
import { use } from 'echarts/core'
import { init } from './register'

use([SVGRenderer])

export function drawingOf(option: Readonly<Record<string, unknown>>, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption(option)
  const text = chart.renderToSVGString()
  chart.dispose()
  return text
}
