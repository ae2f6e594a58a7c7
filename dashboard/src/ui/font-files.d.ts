declare module '*.woff2?latin' {
  const address: string
  export default address
}
declare module '*.woff2?vietnamese' {
  const address: string
  export default address
}
