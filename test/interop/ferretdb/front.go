package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
)

// MongoDB's limit of a message.
const maxMessage = 48_000_000

// listen opens the port of the clients.
func listen(address, cert, key, ca string) (net.Listener, error) {
	if cert == "" {
		return net.Listen("tcp", address)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, err
		}
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM(pem)
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return tls.Listen("tcp", address, config)
}

// serve passes the commands of all clients on, one at a time. MongoDB changes a document in one atomic step; FerretDB
// reads it, and then writes it.
func serve(front net.Listener, socket string) {
	var one sync.Mutex
	for {
		client, err := front.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("unix", socket)
			if err != nil {
				return
			}
			defer server.Close()
			for carry(client, server, &one) == nil {
			}
		}()
	}
}

// carry passes one command and its reply on. No client of these tests sends a command without a reply.
func carry(client, server net.Conn, one *sync.Mutex) error {
	command, err := message(client)
	if err != nil {
		return err
	}
	one.Lock()
	defer one.Unlock()
	if _, err := server.Write(command); err != nil {
		return err
	}
	reply, err := message(server)
	if err != nil {
		return err
	}
	_, err = client.Write(reply)
	return err
}

func message(from io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(head[:])
	if size < 16 || size > maxMessage {
		return nil, errors.New("no message of MongoDB")
	}
	whole := make([]byte, size)
	copy(whole, head[:])
	_, err := io.ReadFull(from, whole[4:])
	return whole, err
}
