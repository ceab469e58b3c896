module gatectl.test/paho

go 1.21

require (
	github.com/eclipse/paho.golang v0.21.0
	github.com/eclipse/paho.mqtt.golang v1.4.3
)

require (
	github.com/gorilla/websocket v1.5.1 // indirect
	golang.org/x/net v0.21.0 // indirect
	golang.org/x/sync v0.1.0 // indirect
)
