import { path, request } from './client'
import type { Host, HostSeries } from './types'

export function listHosts(): Promise<Host[]> {
  return request('GET', path('hosts'), { query: { limit: 200 } })
}

export function hostSeries(host: string, metric: string, since: string, bucketSeconds: number): Promise<HostSeries> {
  return request('GET', path('hosts', host, 'timeseries'), { query: { metric, since, bucket_seconds: bucketSeconds } })
}

export function deleteHost(host: string): Promise<unknown> {
  return request('DELETE', path('hosts', host))
}
