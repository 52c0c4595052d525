// Starts `pathproof lsp` and hands it to the editor; all that is known of scenarios is in the program.
'use strict';

const { window, workspace } = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

let client;

function activate() {
  const settings = workspace.getConfiguration('pathproof');
  const server = {
    command: settings.get('path'),
    args: ['lsp', '--lang', settings.get('language')],
    transport: TransportKind.stdio,
  };
  const channel = window.createOutputChannel('pathproof');
  const options = {
    documentSelector: [{ scheme: 'file', language: 'ron' }],
    outputChannel: channel,
    middleware: {
      // The way of an expectation, or a change, is too long for a message.
      executeCommand: async (command, args, next) => {
        const told = await next(command, args);
        if (told?.text) {
          channel.appendLine(`${told.text}\n`);
          channel.show(true);
        }
        return told;
      },
    },
  };
  client = new LanguageClient('pathproof', 'pathproof', server, options);
  return client.start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
