import { path, request } from './client'
import type { Host, HostRate, HostSeries } from './types'

export function listHosts(): Promise<Host[]> {
  return request('GET', path('hosts'), { query: { limit: 200 } })
}

export function hostSeries(host: string, metric: string, since: string, bucketSeconds: number): Promise<HostSeries> {
  return request('GET', path('hosts', host, 'timeseries'), { query: { metric, since, bucket_seconds: bucketSeconds } })
}

export function deleteHost(host: string): Promise<unknown> {
  return request('DELETE', path('hosts', host))
}

/** What an hour of a host costs. */
export function hostRate(host: string): Promise<HostRate> {
  return request('GET', path('hosts', host, 'rate'))
}

export function setHostRate(host: string, hourlyUsd: number | null, everybody: boolean): Promise<HostRate> {
  return request('PUT', path('hosts', host, 'rate'), { body: { hourly_usd: hourlyUsd, everybody } })
}
