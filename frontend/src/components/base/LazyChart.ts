import { defineAsyncComponent } from 'vue'
import SkeletonBlock from './SkeletonBlock.vue'

/** The chart renderer, loaded with the first chart. */
export const LazyChart = defineAsyncComponent({ loader: () => import('@/charts/EChart.vue'), loadingComponent: SkeletonBlock, delay: 0 })
