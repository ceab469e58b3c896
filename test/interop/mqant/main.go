// Command mqant runs a stock mqant gate or a backend module, as its own documents build one, for the tests. It builds with
// every version of mqant from v1.2.0 on (v1.2 with the tag mqant12), which is why it uses names that newer ones call deprecated.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/liangdas/mqant"
	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/module"
	"github.com/liangdas/mqant/registry"
	"github.com/liangdas/mqant/registry/etcdv3"
	"github.com/nats-io/nats.go"
)

func main() {
	natsURL := flag.String("nats", "", "URL of the NATS server")
	etcdURL := flag.String("etcd", "", "URL of etcd")
	consulURL := flag.String("consul", "", "URL of consul, instead of etcd")
	role := flag.String("role", "", "gate or module")
	id := flag.String("id", "", "the part of the node's id after @")
	tcp := flag.String("tcp", "", "host:port for MQTT over TCP, of a gate")
	ws := flag.String("ws", "", "host:port for MQTT over WebSocket, of a gate")
	store := flag.String("store", "", "folder for the records of a gate; in memory without")
	addon := flag.Bool("addon", false, "attach gatectl's add-on to the gate")
	stay := flag.Int("stay", 0, "sessions of nobody that stay on the gate, for measurements")
	churn := flag.Int("churn", 0, "sessions of nobody that come a second, and go after five")
	folder := flag.String("folder", "", "where the configuration and the logs are written")
	flag.Parse()

	conn, err := nats.Connect(*natsURL, nats.MaxReconnects(-1))
	if err != nil {
		log.Fatalf("nats %s: %v", *natsURL, err)
	}
	app := mqant.CreateApp(
		module.Debug(false),
		ownFlags(),
		module.Configure(writeConfiguration(*folder)),
		module.WorkDir(*folder),
		module.LogDir(*folder),
		module.BILogDir(*folder),
		module.ProcessID("development"),
		module.Nats(conn),
		module.Registry(withID(openRegistry(*etcdURL, *consulURL), *id)),
		module.RegisterTTL(20*time.Second),
		module.RegisterInterval(10*time.Second),
		module.KillWaitTTL(5*time.Second),
	)
	switch *role {
	case "gate":
		err = app.Run(&Gate{id: *id, tcp: *tcp, ws: *ws, store: openStore(*store), addon: *addon, stay: *stay, churn: *churn})
	case "module":
		err = app.Run(&HelloWorld{id: *id}, &HTTPGateway{id: *id})
	default:
		log.Fatalf("role %q is neither gate nor module", *role)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func openRegistry(etcdURL, consulURL string) registry.Registry {
	if consulURL != "" {
		return registry.NewRegistry(registry.Addrs(strings.TrimPrefix(consulURL, "http://")))
	}
	return etcdv3.NewRegistry(registry.Addrs(strings.TrimPrefix(etcdURL, "http://")))
}

func openStore(folder string) gate.StorageHandler {
	if folder == "" {
		return &MemoryStore{}
	}
	return FileStore{folder}
}

// mqant starts a module only when its configuration names the module's type.
const configuration = `{
  "Module": {
    "Gate": [{"Id": "gate", "ProcessID": "development"}],
    "HelloWorld": [{"Id": "hello", "ProcessID": "development"}],
    "httpgate": [{"Id": "http", "ProcessID": "development"}]
  },
  "Mqtt": {"WirteLoopChanNum": 10, "ReadPackLoop": 1, "ReadTimeout": 600, "WriteTimeout": 300},
  "Log": {"file": {"level": 7}},
  "Rpc": {"MaxCoroutine": 100, "RpcExpired": 5, "LogSuccess": false}
}
`

func writeConfiguration(folder string) string {
	file := filepath.Join(folder, "server.json")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		log.Fatal(err)
	}
	return file
}
