/** The gateway's Worker as one module that asks another for its configuration, so that many gateways share one bundle. */
import { bundleWorker } from '../bundle-worker.ts'

/** The module that holds a gateway's configuration, beside the bundle. */
export const BASE_MODULE = 'base.js'

export const bundleGateway = (): Promise<string> =>
  bundleWorker('worker/index.ts', {
    name: 'the configuration stands beside the bundle',
    setup: ({ onResolve }) => onResolve({ filter: /\/generated\/base\.ts$/ }, () => ({ path: `./${BASE_MODULE}`, external: true })),
  })
