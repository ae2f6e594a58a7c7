import type { Language } from '../language.ts'
import type { BrokerFault, brokerFaults } from './broker-faults.ts'
import { type FaultWords, wordsOfFault } from './fault-table.ts'

type BrokerWords = FaultWords<typeof brokerFaults>

const vi: BrokerWords = {
  WRONG_USER_OR_PASSWORD: () => 'sai tên đăng nhập hoặc mật khẩu',
  OTHER_COMMON_NAME: () => 'tên đăng nhập khác tên trong chứng chỉ (common name)',
  UNKNOWN_COMMON_NAME: () => 'tên trong chứng chỉ (common name) không phải cảm biến đã được thêm',
  TOO_MANY_FAILED_SIGN_INS: ({ setting }) => `đăng nhập sai quá nhiều lần (${setting}): bị từ chối, không kiểm tra`,
  TOO_MANY_SIGN_INS_WAITING: ({ setting }) => `quá nhiều mật khẩu đang chờ kiểm tra (${setting})`,
  NO_CLIENT_ID: () => 'không có mã máy khách mà muốn giữ phiên',
  CLIENT_ID_MALFORMED: () => 'mã máy khách quá dài hoặc không phải UTF-8',
  CLIENT_ID_OF_OTHER_DEVICE: () => 'mã máy khách là tên của thiết bị khác',
  CLIENT_ID_OF_OTHER_USER: () => 'mã máy khách thuộc người dùng khác',
  TOO_MANY_SESSIONS: ({ setting }) => `quá nhiều phiên (${setting})`,
  TOO_MANY_SESSIONS_OF_USER: ({ setting }) => `quá nhiều phiên của người dùng này (${setting})`,
  TOO_MANY_CONNECTIONS_OF_USER: ({ setting }) => `quá nhiều kết nối của người dùng này (${setting})`,
  BEYOND_RATE: () => 'kết nối và di chúc vượt tốc độ cho phép (MESSAGES_PER_SECOND, BYTES_PER_SECOND)',
  TOPIC_EMPTY: () => 'chủ đề rỗng',
  TOPIC_TOO_LONG: ({ setting }) => `chủ đề quá dài (${setting})`,
  TOPIC_NOT_TEXT: () => 'chủ đề không phải UTF-8',
  TOPIC_TOO_DEEP: ({ setting }) => `chủ đề có quá nhiều cấp (${setting})`,
  TOPIC_WITH_WILDCARDS: () => 'chủ đề không được có ký tự đại diện # hay +',
  NO_RIGHT_TO_PUBLISH: () => 'không có quyền gửi tới đó',
  NO_RIGHT_TO_SUBSCRIBE: () => 'không có quyền đăng ký ở đó',
  TOO_MANY_FILTERS: ({ setting }) => `thừa một bộ lọc (${setting})`,
}

const en: BrokerWords = {
  WRONG_USER_OR_PASSWORD: () => 'wrong user name or password',
  OTHER_COMMON_NAME: () => 'the user name is not the common name of the certificate',
  UNKNOWN_COMMON_NAME: () => 'the common name of the certificate is no sensor that was added',
  TOO_MANY_FAILED_SIGN_INS: ({ setting }) => `too many failed sign-ins (${setting}): refused unchecked`,
  TOO_MANY_SIGN_INS_WAITING: ({ setting }) => `too many secrets wait to be checked (${setting})`,
  NO_CLIENT_ID: () => 'no client id, but a session to keep',
  CLIENT_ID_MALFORMED: () => 'the client id is too long or not UTF-8',
  CLIENT_ID_OF_OTHER_DEVICE: () => 'the client id is the name of another device',
  CLIENT_ID_OF_OTHER_USER: () => 'the client id belongs to another user',
  TOO_MANY_SESSIONS: ({ setting }) => `too many sessions (${setting})`,
  TOO_MANY_SESSIONS_OF_USER: ({ setting }) => `too many sessions of this user (${setting})`,
  TOO_MANY_CONNECTIONS_OF_USER: ({ setting }) => `too many connections of this user (${setting})`,
  BEYOND_RATE: () => 'its connections and wills are beyond its rate (MESSAGES_PER_SECOND, BYTES_PER_SECOND)',
  TOPIC_EMPTY: () => 'the topic is empty',
  TOPIC_TOO_LONG: ({ setting }) => `the topic is too long (${setting})`,
  TOPIC_NOT_TEXT: () => 'the topic is not UTF-8',
  TOPIC_TOO_DEEP: ({ setting }) => `the topic has too many levels (${setting})`,
  TOPIC_WITH_WILDCARDS: () => 'a topic may not have wildcards',
  NO_RIGHT_TO_PUBLISH: () => 'no right to publish there',
  NO_RIGHT_TO_SUBSCRIBE: () => 'no right to subscribe there',
  TOO_MANY_FILTERS: ({ setting }) => `a filter too many (${setting})`,
}

const words: Readonly<Record<Language, BrokerWords>> = { vi, en }

/** Why the broker refuses something, in a language of the page; English is also for logs. */
export function sayBrokerFault(language: Language, fault: BrokerFault): string {
  return wordsOfFault<typeof brokerFaults>(words[language], fault)
}
