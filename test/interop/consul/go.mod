module gatectl.test/consul

go 1.16

require (
	github.com/hashicorp/consul v1.9.17
	github.com/hashicorp/consul/api v1.15.3 // indirect
	github.com/hashicorp/consul/sdk v0.13.1 // indirect
	github.com/hashicorp/serf v0.10.1 // indirect
	github.com/mitchellh/cli v1.1.0
)
