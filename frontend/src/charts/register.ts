/** The parts of ECharts in use; everything else stays out of the download. */
import { LineChart, ParallelChart, ScatterChart } from 'echarts/charts'
import { DataZoomComponent, GridComponent, ParallelComponent, TooltipComponent } from 'echarts/components'
import { connect, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([LineChart, ScatterChart, ParallelChart, GridComponent, ParallelComponent, TooltipComponent, DataZoomComponent, CanvasRenderer])

export { connect, init }
export type { EChartsType } from 'echarts/core'
