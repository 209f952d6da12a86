import { saveBlob } from '@/domain/saveFile'
import { request } from './client'

/** Fetches a file with the credential and hands it to the browser, whose own request would have none. */
export async function download(address: string, filename: string, query: Record<string, string | undefined> = {}): Promise<void> {
  saveBlob(await request<Blob>('GET', address, { query, expect: 'blob' }), filename)
}
