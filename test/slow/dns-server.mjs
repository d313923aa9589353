// A name server on 127.0.0.1 for one test: node dns-server.mjs '{"web.example.com":"10.0.0.1","www.example.com":"CNAME other"}'
// Prints "ready" when it listens. RFC 1035: one question, answers of type A and CNAME, NXDOMAIN for what is not there.
import { createSocket } from 'node:dgram';

const zone = JSON.parse(process.argv[2]);
const [typeA, typeCname] = [1, 5];

const encodeName = name =>
  Buffer.concat([
    ...name.split('.').map(label => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

function questionOf(message) {
  const labels = [];
  let at = 12;
  while (message[at] > 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
    at += 1 + message[at];
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function record(name, type, data) {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(60, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), head, data]);
}

function answersOf(name, type) {
  const value = zone[name];
  if (value === undefined) return [];
  const target = /^CNAME (.*)/.exec(value)?.[1];
  if (target !== undefined) return [record(name, typeCname, encodeName(target)), ...answersOf(target, type)];
  return type === typeA ? [record(name, typeA, Buffer.from(value.split('.').map(Number)))] : [];
}

const server = createSocket('udp4');
server.on('message', (message, from) => {
  const { name, type, end } = questionOf(message);
  const answers = answersOf(name, type);
  const head = Buffer.from(message.subarray(0, 12));
  head.writeUInt16BE(zone[name] === undefined ? 0x8583 : 0x8580, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  head.writeUInt32BE(0, 8);
  server.send(Buffer.concat([head, message.subarray(12, end), ...answers]), from.port, from.address);
});
server.bind(53, '127.0.0.1', () => console.log('ready'));
