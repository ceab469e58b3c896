// A client of Eclipse Paho on a gate: it subscribes, publishes at each QoS, says on stdout what it hears, and leaves when
// stdin ends. paho ADDRESS 3|4|5
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	v5 "github.com/eclipse/paho.golang/paho"
	mqtt "github.com/eclipse/paho.mqtt.golang"
)

const (
	pushes   = "/push/#"
	requests = "HelloWorld/HD_count"
	// Seconds. The client looks every 5 s whether a ping is due, with a keep-alive of up to 10 every half of it: then a ping may
	// go out half a second before the gate gives up, which a busy machine may miss.
	keepAlive = 11
	patience  = 5 * time.Second
)

func check(what string, err error) {
	if err == nil {
		return
	}
	fmt.Printf("failed %s: %v\n", what, err)
	os.Exit(1)
}

func untilStdinEnds() {
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func waited(what string, token mqtt.Token) {
	if !token.WaitTimeout(patience) {
		check(what, fmt.Errorf("no answer in %v", patience))
	}
	check(what, token.Error())
}

func heard(topic string, body []byte) {
	fmt.Printf("heard %s %s\n", topic, body)
}

func runV3(address string, version uint) {
	options := mqtt.NewClientOptions().
		AddBroker("tcp://" + address).
		SetClientID("paho").
		SetProtocolVersion(version).
		SetKeepAlive(keepAlive * time.Second).
		SetPingTimeout(keepAlive * time.Second).
		SetAutoReconnect(false).
		SetConnectionLostHandler(func(_ mqtt.Client, err error) { check("connection", err) })
	client := mqtt.NewClient(options)
	waited("connect", client.Connect())
	waited("subscribe", client.Subscribe(pushes, 0, func(_ mqtt.Client, message mqtt.Message) {
		heard(message.Topic(), message.Payload())
	}))
	for qos := byte(0); qos <= 2; qos++ {
		waited("publish", client.Publish(requests, qos, false, "{}"))
	}
	fmt.Println("ready")
	untilStdinEnds()
	client.Disconnect(250)
}

func runV5(address string) {
	connection, err := net.Dial("tcp", address)
	check("dial", err)
	client := v5.NewClient(v5.ClientConfig{
		Conn:               connection,
		OnClientError:      func(err error) { check("connection", err) },
		OnServerDisconnect: func(d *v5.Disconnect) { check("connection", fmt.Errorf("closed: %d", d.ReasonCode)) },
		OnPublishReceived: []func(v5.PublishReceived) (bool, error){func(it v5.PublishReceived) (bool, error) {
			heard(it.Packet.Topic, it.Packet.Payload)
			return true, nil
		}},
	})
	background := context.Background()
	answer, err := client.Connect(background, &v5.Connect{ClientID: "paho", KeepAlive: keepAlive, CleanStart: true})
	check("connect", err)
	if answer.ReasonCode != 0 {
		check("connect", fmt.Errorf("refused: %d", answer.ReasonCode))
	}
	_, err = client.Subscribe(background, &v5.Subscribe{Subscriptions: []v5.SubscribeOptions{{Topic: pushes}}})
	check("subscribe", err)
	for qos := byte(0); qos <= 2; qos++ {
		_, err = client.Publish(background, &v5.Publish{Topic: requests, QoS: qos, Payload: []byte("{}")})
		check("publish", err)
	}
	fmt.Println("ready")
	untilStdinEnds()
	check("disconnect", client.Disconnect(&v5.Disconnect{ReasonCode: 0}))
}

func main() {
	address, version := os.Args[1], os.Args[2]
	switch version {
	case "3":
		runV3(address, 3)
	case "4":
		runV3(address, 4)
	case "5":
		runV5(address)
	default:
		check("version", fmt.Errorf("%q is none of 3, 4, 5", version))
	}
}
