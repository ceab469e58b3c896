// Command ferretdb is FerretDB as its module embeds it, on SQLite: a server that speaks MongoDB's protocol, for tests.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	address := flag.String("listen", "127.0.0.1:27017", "address to listen on")
	folder := flag.String("folder", ".", "folder of the databases")
	logFile := flag.String("log", "ferretdb.log", "file of the log")
	cert := flag.String("cert", "", "certificate of the server; with it, it speaks TLS only")
	key := flag.String("key", "", "key of the certificate")
	ca := flag.String("ca", "", "authority of the clients' certificates; with it, clients need one")
	flag.Parse()

	output, err := os.Create(*logFile)
	if err != nil {
		log.Fatal(err)
	}
	log.SetOutput(output)
	socket := filepath.Join(*folder, "socket")
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Logger:    slog.New(slog.NewTextHandler(output, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + *folder + "/?_pragma=synchronous(off)", // no test cuts its power
	})
	if err != nil {
		log.Fatal(err)
	}
	front, err := listen(*address, *cert, *key, *ca)
	if err != nil {
		log.Fatal(err)
	}
	go serve(front, socket)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := server.Run(ctx); err != nil {
		log.Fatal(err)
	}
}
