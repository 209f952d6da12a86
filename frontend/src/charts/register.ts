/** The parts of ECharts in use; everything else stays out of the download. */
import { LineChart } from 'echarts/charts'
import { DataZoomComponent, GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([LineChart, GridComponent, TooltipComponent, DataZoomComponent, CanvasRenderer])

export { init }
export type { EChartsType } from 'echarts/core'
