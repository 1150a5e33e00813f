/** A pool that is not there is named before anything is watched, with a gateway that says what it has. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { weights } from '../../../cli/weights.ts'

test('weights watch of an unknown pool says which there are, and ends', async () => {
  const document = { format: 1, revision: 1, pools: [{ id: 'shop', steering: 'weighted', endpoints: [] }], entries: [], problems: [] }
  const server = createServer((_, response) => void response.end(JSON.stringify(document)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let complained = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text)
    return true
  })
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await weights(['watch', 'SHPO', '--url', url, '--token', 'x'])).toBe(1)
    expect(complained).toMatch(/^there is no pool "SHPO"; /)
  } finally {
    vi.restoreAllMocks()
    server.close()
  }
}, 10_000)
