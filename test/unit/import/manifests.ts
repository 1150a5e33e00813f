/** Manifests for tests: what every case shares, and the import of a text. */
import { type EndpointRule, readPattern } from '../../../cli/import/endpoints.ts'
import { Findings } from '../../../cli/import/finding.ts'
import { type GatewayApiOptions, type Imported, importGatewayApi } from '../../../cli/import/gateway-api/import.ts'
import { readResources } from '../../../cli/import/read-resources.ts'

const pattern = readPattern('https://{service}.{namespace}.example.com,aws/us-east-1') as EndpointRule

export function importText(text: string, options: Partial<GatewayApiOptions> = {}): Imported {
  const findings = new Findings()
  const resources = readResources('a.yaml', text, findings)
  return importGatewayApi(resources, { gateways: [], endpoints: [pattern], ...options }, findings)
}

/** What stands in every cluster of these tests: a Gateway for HTTP, and the Services cart, stock and old in the namespace shop. */
export const BASE = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: any, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
${['cart', 'stock', 'old'].map((name) => service(name)).join('\n---\n')}
`

export function service(name: string, namespace = 'shop'): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ports: [{ port: 80 }] }`
}

/** An HTTPRoute of the namespace shop at the Gateway edge; `spec` in YAML, indented by two. */
export function route(spec: string, name = 'pay'): string {
  return `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
${spec}
`
}

/** One rule, with its backend cart unless it says otherwise. */
export const rule = (fields: string, backendRefs = 'backendRefs: [{ name: cart, port: 80 }]'): string =>
  route(`  rules:\n  - ${backendRefs === '' ? '' : `${backendRefs}\n    `}${fields}`)
