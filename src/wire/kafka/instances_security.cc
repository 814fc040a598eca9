// SPDX-License-Identifier: Apache-2.0
// Compiles the codec of each message once. See message.h.
#include "wire/kafka/alter_user_scram_credentials.h"
#include "wire/kafka/codec.h"
#include "wire/kafka/create_acls.h"
#include "wire/kafka/delete_acls.h"
#include "wire/kafka/describe_acls.h"
#include "wire/kafka/describe_user_scram_credentials.h"
#include "wire/kafka/sasl_authenticate.h"
#include "wire/kafka/sasl_handshake.h"

namespace tidemill::wire::kafka {

TM_KAFKA_INSTANCE(AlterUserScramCredentialsRequest);
TM_KAFKA_INSTANCE(AlterUserScramCredentialsResponse);
TM_KAFKA_INSTANCE(CreateAclsRequest);
TM_KAFKA_INSTANCE(CreateAclsResponse);
TM_KAFKA_INSTANCE(DeleteAclsRequest);
TM_KAFKA_INSTANCE(DeleteAclsResponse);
TM_KAFKA_INSTANCE(DescribeAclsRequest);
TM_KAFKA_INSTANCE(DescribeAclsResponse);
TM_KAFKA_INSTANCE(DescribeUserScramCredentialsRequest);
TM_KAFKA_INSTANCE(DescribeUserScramCredentialsResponse);
TM_KAFKA_INSTANCE(SaslAuthenticateRequest);
TM_KAFKA_INSTANCE(SaslAuthenticateResponse);
TM_KAFKA_INSTANCE(SaslHandshakeRequest);
TM_KAFKA_INSTANCE(SaslHandshakeResponse);

}  // namespace tidemill::wire::kafka
