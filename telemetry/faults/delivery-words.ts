import type { Language } from '../language.ts'
import type { DeliveryFault, deliveryFaults } from './delivery-faults.ts'
import { type FaultWords, wordsOfFault } from './fault-table.ts'

type DeliveryWords = FaultWords<typeof deliveryFaults>

const vi: DeliveryWords = {
  HTTP_STATUS: ({ status }) => `nơi nhận trả lời HTTP ${status}`,
  TIMEOUT: () => 'nơi nhận không trả lời kịp',
  NO_CONNECTION: ({ error = 'không rõ' }) => `không kết nối được (${error})`,
  NO_MAIL_SERVER: ({ error = 'không rõ' }) => `không kết nối được với máy chủ thư (${error})`,
  MAIL_REFUSED: ({ said }) => `máy chủ thư trả lời: ${said}`,
  TOO_MANY_WAITING: ({ waiting }) => `đã có ${waiting} thông báo đang chờ`,
  NOT_SENT: () => 'không gửi được; nhật ký của dịch vụ cảnh báo cho biết vì sao',
}

const en: DeliveryWords = {
  HTTP_STATUS: ({ status }) => `the receiver answered HTTP ${status}`,
  TIMEOUT: () => 'the receiver did not answer in time',
  NO_CONNECTION: ({ error = 'failed' }) => `no connection (${error})`,
  NO_MAIL_SERVER: ({ error = 'failed' }) => `no connection to the mail server (${error})`,
  MAIL_REFUSED: ({ said }) => `the mail server answered ${said}`,
  TOO_MANY_WAITING: ({ waiting }) => `${waiting} messages wait already`,
  NOT_SENT: () => 'it could not be sent',
}

const words: Readonly<Record<Language, DeliveryWords>> = { vi, en }

/** What a try to deliver came to, in a language of the page; English is also for logs and the `fault` of the API. */
export function sayDeliveryFault(language: Language, fault: DeliveryFault): string {
  return wordsOfFault<typeof deliveryFaults>(words[language], fault)
}
