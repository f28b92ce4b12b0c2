/** Frames that no well-behaved device sends; a client must count and survive each. */
export function garbageFrames(): (string | Buffer)[] {
  return [
    '{"jsonrpc":"2.0","id":',
    '{"jsonrpc":"2.0","id":"no-such-request","result":{"status":"OK"}}',
    '{"jsonrpc":"2.0","id":null,"result":null}',
    'null',
    '[]',
    '42',
    '{"jsonrpc":"2.0","method":"xFeedback/Event","params":null}',
    '{"jsonrpc":"2.0","method":"xFeedback/Event","params":{"Id":1,"Status":null}}',
    '{"jsonrpc":"2.0","method":"xFeedback/Event","params":{"Id":999,"Status":{"Call":[null,{"id":null}]}}}',
    '{"jsonrpc":"2.0","method":"no/such/method","params":{}}',
    Buffer.from([0x00, 0xff, 0xfe, 0x80]),
  ];
}
