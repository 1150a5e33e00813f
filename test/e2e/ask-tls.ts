/** Asks over TLS as a client with a certificate of a local run, or with none. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'

export interface TlsAnswer {
  /** The status, or the code of what went wrong before there was one. */
  readonly status: number | string
  readonly body: string
}

export interface TlsQuestion {
  readonly url: string
  /** Where the run keeps its certificates. */
  readonly folder: string
  /** Key and certificate, in PEM. */
  readonly pem?: string
  readonly headers?: Readonly<Record<string, string>>
}

export const pemOf = (folder: string, client: string): string => readFileSync(join(folder, `${client}.pem`), 'utf8')

export function askTls({ url, folder, pem, headers = {} }: TlsQuestion): Promise<TlsAnswer> {
  const ca = readFileSync(join(folder, 'authority.pem'))
  return new Promise((resolve) => {
    request(url, { ca, headers, agent: false, ...(pem === undefined ? {} : { key: pem, cert: pem }) }, async (answer) => {
      let body = ''
      for await (const chunk of answer) body += String(chunk)
      resolve({ status: answer.statusCode ?? 0, body })
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? error.message, body: '' }))
      .end()
  })
}
