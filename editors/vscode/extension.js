// Starts `pathproof lsp` and hands it to the editor; all that is known of scenarios is in the program.
'use strict';

const { workspace } = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

let client;

function activate() {
  const settings = workspace.getConfiguration('pathproof');
  const server = {
    command: settings.get('path'),
    args: ['lsp', '--lang', settings.get('language')],
    transport: TransportKind.stdio,
  };
  const options = { documentSelector: [{ scheme: 'file', language: 'ron' }] };
  client = new LanguageClient('pathproof', 'pathproof', server, options);
  return client.start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
