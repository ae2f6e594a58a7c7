/** How a service reaches the broker, and its account there. */
export interface MqttAccess {
  url: string
  username: string
  password: string
}
